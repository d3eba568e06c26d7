// Reads a JSON list of templates from stdin and prints the list of verdicts of @bpmn-io/element-templates-validator.
// With a folder as argument: prints the templates that the fixture modules below it export, as {name: template}.
import { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

async function fixtures(folder) {
  const found = {};
  for (const entry of readdirSync(folder, { recursive: true }).sort()) {
    if (!/\.(js|mjs|json)$/.test(entry)) continue;
    const path = join(folder, entry);
    const source = entry.endsWith('.json') ? { template: JSON.parse(readFileSync(path, 'utf8')) } : await import(pathToFileURL(path));
    if (source.template !== undefined) found[relative(folder, path)] = source.template;
  }
  return found;
}

function verdicts(templates) {
  const require = createRequire(join(process.cwd(), 'package.json'));
  const { validateZeebe } = require('@bpmn-io/element-templates-validator');
  return templates.map((template) => validateZeebe(template).valid);
}

const [folder] = process.argv.slice(2);
const answer = folder ? await fixtures(folder) : verdicts(JSON.parse(readFileSync(0, 'utf8')));
process.stdout.write(JSON.stringify(answer));
