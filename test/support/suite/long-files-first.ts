import { BaseSequencer, type TestSpecification } from "vitest/node";
import { longFiles } from "./long-files.ts";

/** The place in the table; whatever is not in it comes behind. */
const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = longFiles.findIndex((file) => moduleId.endsWith(`/${file}`));
  return place === -1 ? longFiles.length : place;
};

/**
 * Long files first, so that no worker is left alone with one at the end. The table is checked in, so a clean checkout has
 * the order too; vitest's own memory of earlier runs orders the others.
 */
export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is no array's
    const usual = await super.sort(files);
    const isolated = ({ project }: TestSpecification) => Number(!project.config.isolate);
    // A worker that many files share goes on with the next of them alone, so those with a process of their own come first.
    return usual.toSorted((a, b) => isolated(a) - isolated(b) || placeOf(a) - placeOf(b));
  }
}
