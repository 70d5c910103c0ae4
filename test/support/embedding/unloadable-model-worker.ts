/** A thread that ends before it has a model. */
throw new Error("the weights are not there");
