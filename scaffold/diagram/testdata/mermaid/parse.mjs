// Parses the Mermaid diagrams in the files that are named, with Mermaid's own parser, and prints what is wrong with which of them.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html>");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

let faults = 0;
for (const file of process.argv.slice(2)) {
  try {
    const { diagramType } = await mermaid.parse(readFileSync(file, "utf8"));
    if (!diagramType.startsWith("flowchart")) {
      throw new Error(`got a diagram of the type ${diagramType}, expected a flowchart`);
    }
  } catch (error) {
    faults++;
    console.log(`${file}: ${error.message}`);
  }
}
console.log(`${process.argv.length - 2} diagrams, ${faults} with faults`);
process.exit(faults > 0 ? 1 : 0);
