import { z } from "zod";
import { type Operation } from "./operation.ts";
import { ofServer } from "./subjects.ts";

const page = {
  200: { description: "The page", content: { "text/html": z.string() } },
  304: { description: "Not modified: the `ETag` in `If-None-Match` is current", content: {} },
} as const;

export const guideOperations = {
  showGuide: {
    ...ofServer,
    id: "showGuide",
    method: "GET",
    path: "/docs/guide",
    chapter: "Server",
    summary: "Show the guide",
    scope: "none",
    answers: page,
    errors: [],
  },
  showGuidePage: {
    ...ofServer,
    id: "showGuidePage",
    method: "GET",
    path: "/docs/guide/{page}",
    chapter: "Server",
    summary: "Show a page of the guide",
    scope: "none",
    parameters: z.object({ page: z.string().describe("The name of the page, such as `quick-start`") }),
    answers: { ...page, 302: { description: "The guide's index", content: {} } },
    errors: ["route_not_found"],
  },
  getGuideImage: {
    ...ofServer,
    id: "getGuideImage",
    method: "GET",
    path: "/docs/guide/images/{image}",
    chapter: "Server",
    summary: "Get an image of the guide",
    scope: "none",
    parameters: z.object({ image: z.string().describe("The image's file name") }),
    answers: {
      200: { description: "The image", content: { "image/png": z.string(), "image/svg+xml": z.string() } },
      304: { description: "Not modified: the `ETag` in `If-None-Match` is current", content: {} },
    },
    errors: ["route_not_found"],
  },
} as const satisfies Record<string, Operation>;
