// Drives the real Modeler in a real browser, as a person would: one command on stdin (JSON), one answer on stdout (JSON).
const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');

const command = JSON.parse(fs.readFileSync(0, 'utf8'));
const { chromium } = require(path.join(command.modules, 'playwright-core'));
const dist = path.join(command.modules, 'camunda-bpmn-js', 'dist');
const PATIENCE = 1500; // milliseconds until panel and diagram must have what a person did
const PAUSE = 50; // milliseconds without typing after which the panel hands a text over, instead of its own 300

const asset = name => pathToFileURL(path.join(dist, name)).href;
const ENTRIES = '[data-entry-id^="custom-entry-"]';

const PAGE = `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="${asset('assets/camunda-cloud-modeler.css')}">
<style>html,body{margin:0;height:100%;font-family:sans-serif}#all{display:flex;height:100%}#canvas{flex:1}
#panel{width:420px;overflow:auto;border-left:1px solid #ccc}</style>
<div id="all"><div id="canvas"></div><div id="panel"></div></div><script src="${asset('camunda-cloud-modeler.production.min.js')}"></script>`;

async function openModeler(page, diagram, all) {
  const file = path.join(command.folder, 'modeler.html');
  fs.writeFileSync(file, PAGE);
  await page.goto(pathToFileURL(file).href);
  return page.evaluate(async ({ diagram, templates, pause }) => {
    const modeler = new window.BpmnModeler({ container: '#canvas', propertiesPanel: { parent: '#panel' }, debounceInput: pause });
    window.modeler = modeler;
    await modeler.importXML(diagram);
    const errors = [];
    modeler.on('elementTemplates.errors', event => errors.push(...event.errors.map(error => error.message)));
    modeler.get('elementTemplatesLoader').setTemplates(templates);
    return { errors, loaded: modeler.get('elementTemplates').getAll().map(one => [one.id, one.version]) };
  }, { diagram, templates: all || command.templates, pause: PAUSE });
}

async function applyTemplate(page, { template, version }) {
  await page.locator('.djs-shape[data-element-id="Element_1"] .djs-hit').first().click();
  await page.waitForSelector('[data-group-id="group-ElementTemplates__Template"]', { state: 'attached' });
  const applied = await page.evaluate(async ([id, version]) => {
    const modeler = window.modeler;
    const element = modeler.get('elementRegistry').get('Element_1');
    const found = modeler.get('elementTemplates').getAll().find(one => one.id === id && one.version === version);
    if (!found) return false;
    modeler.get('elementTemplates').applyTemplate(element, found);
    return true;
  }, [template, version]);
  if (!applied) throw new Error(`the element template ${template} ${version} was not loaded`);
  await page.waitForSelector(ENTRIES, { state: 'attached' });
  await openGroups(page);
}

async function openGroups(page) {
  // handles, not locators: a header that was opened would shift the places of those behind it
  for (const header of await page.locator('.bio-properties-panel-group-header:not(.open)').elementHandles()) {
    await header.click();
  }
}

const view = (page, place) => page.evaluate(([entries, place]) => {
  const all = [...document.querySelectorAll(entries)];
  const texts = element => {
    const { businessObject } = element, parts = [businessObject, ...businessObject.get('eventDefinitions') || []];
    return parts.flatMap(part => part.get('extensionElements')?.get('values') || []).flatMap(value => [
      ...(value.get('inputParameters') || []).map(one => [one.target, one.source]),
      ...(value.$type === 'zeebe:TaskHeaders' ? value.get('values') : []).map(one => [one.key, one.value]),
      ...['type', 'retries'].map(name => [name, value[name]])
    ]);
  };
  const applied = window.modeler.get('elementRegistry').find(one => one.businessObject.get('zeebe:modelerTemplate'));
  return {
    held: texts(applied).filter(([name]) => name === place).map(([, text]) => text),
    closed: document.querySelectorAll('.bio-properties-panel-group-header:not(.open)').length,
    shown: all.map(one => one.dataset.entryId),
    lacking: all.filter(one => one.querySelector('.bio-properties-panel-error') || one.classList.contains('has-error')).map(one => one.dataset.entryId)
  };
}, [ENTRIES, place]);

// The panel draws a moment later, and what was typed reaches the diagram when nobody has typed for a moment; a number that
// is left sooner may get lost. What there is to see once all is as it should be, or at last.
async function settled(page, expected, step) {
  const same = (some, others) => some.length === others.length && some.every(one => others.includes(one));
  const end = Date.now() + PATIENCE;
  for (;;) {
    const seen = await view(page, step?.place);
    const drawn = same(seen.shown, expected.shown) && same(seen.lacking, expected.lacking);
    if ((drawn && (!step || seen.held.includes(step.held))) || Date.now() > end) return seen;
    await page.waitForTimeout(10);
  }
}

// What a person does with one entry; answers what the panel shows then.
async function take(page, step) {
  const entry = page.locator(`[data-entry-id="${step.entry}"]`);
  if (step.hand === 'choose') {
    await entry.locator('select').selectOption(step.text);
  } else if (step.hand === 'tick') {
    await tick(entry);
  } else {
    if (step.hand === 'express') await entry.locator('.bio-properties-panel-feel-icon').click();
    await type(page, entry, step.text);
  }
  await page.keyboard.press('Tab'); // away from the field, which so hands over its text
  const seen = await settled(page, step.then, step);
  if (seen.closed) await openGroups(page); // of fields that have just appeared
  return seen;
}

async function tick(entry) {
  const slider = entry.locator('.bio-properties-panel-toggle-switch__slider');
  await (await slider.count() ? slider : entry.locator('input[type=checkbox]')).click();
}

async function type(page, entry, text) {
  const code = entry.locator('.cm-content');
  const field = await code.count() ? code.first() : entry.locator('input:not([type=checkbox]), textarea').first();
  await field.click();
  await page.keyboard.press('Control+A');
  if (!await code.count()) {
    await page.keyboard.insertText(text); // at once: Modeler forgets keys when it takes over a text that is still being typed
    return;
  }
  await page.keyboard.type(text);
  await page.keyboard.press('Escape'); // closes the proposals that the editor makes
}

async function fill(page, run) {
  await openModeler(page, run.diagram);
  await applyTemplate(page, run);
  const views = [await settled(page, run.atFirst)];
  for (const step of run.steps) {
    try {
      views.push(await take(page, step));
    } catch (error) {
      const { xml } = await page.evaluate(() => window.modeler.saveXML({ format: true }));
      return { views, xml, stuck: `cannot ${step.hand} '${step.text}' in ${step.entry}: ${error.message.split('\n')[0]}` };
    }
  }
  if (run.picture) await portray(page, run.picture);
  const { xml } = await page.evaluate(() => window.modeler.saveXML({ format: true }));
  return { views, xml };
}

// The diagram beside the fields that are the template's own.
async function portray(page, picture) {
  await page.setViewportSize({ width: 1280, height: 1040 });
  await page.evaluate(() => {
    window.modeler.get('canvas').zoom('fit-viewport', 'auto');
    window.modeler.get('contextPad').close();
    document.querySelector('[data-group-id="group-ElementTemplates__Template"]').scrollIntoView();
  });
  await page.waitForTimeout(300);
  await page.screenshot({ path: picture });
}

async function main() {
  const browser = await chromium.launch({ executablePath: command.browser, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
    page.setDefaultTimeout(5000);
    const broken = [];
    page.on('pageerror', error => broken.push(String(error)));
    const { errors, loaded } = await openModeler(page, command.runs[0].diagram);
    const beside = await openModeler(page, command.runs[0].diagram, command.templates.concat(command.beside));
    const runs = [];
    for (const run of command.runs) {
      process.stderr.write(`  ${run.template}: ${run.name}\n`);
      runs.push(await fill(page, run)); // each in a Modeler of its own: one that has imported two diagrams cannot export
    }
    process.stdout.write(JSON.stringify({ errors, loaded, errorsBeside: beside.errors, loadedBeside: beside.loaded, broken, runs }));
  } finally {
    await browser.close();
  }
}

main().catch(error => { console.error(error); process.exit(1); });
