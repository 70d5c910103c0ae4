#!/usr/bin/env node
// The command of the published package. In the syntax of old Nodes, each of which can thus say that it is too old.
"use strict";

var parts = process.versions.node.split(".").map(Number);
if (parts[0] < 22 || (parts[0] === 22 && parts[1] < 19)) {
  process.stderr.write(
    "arrwdb: arrwDB needs Node 22.19 or newer, and this is Node " +
      process.versions.node +
      "; install Node 24 from https://nodejs.org and try again\n",
  );
  process.exit(1);
}
void import("../dist/server/src/cli/arrwdb.js");
