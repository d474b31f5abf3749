// The page of the lab against TensorFlow Playground's own network code, both in the same headless Chromium.
//   node benchmarks/lab.mjs lab.html [--minutes 10]     (lab.html: unbend lab --export lab.html)
// Prints: epochs a second on screen and without drawing, frame times while the page trains and draws, first paint, memory.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [file, ...rest] = process.argv.slice(2);
if (!file) throw new Error('name the page: unbend lab --export lab.html, then node benchmarks/lab.mjs lab.html');
const minutes = Number(rest[rest.indexOf('--minutes') + 1] || 0);
const here = new URL('./playground/', import.meta.url);
const SHAPES = [
  { name: '4-2, 2 features', features: ['x1', 'x2'], hidden: [4, 2] },
  { name: '8-8-8, 7 features', features: ['x1', 'x2', 'x1^2', 'x2^2', 'x1*x2', 'sin(pi*x1)', 'sin(pi*x2)'], hidden: [8, 8, 8] },
];
const sleep = milliseconds => new Promise(done => setTimeout(done, milliseconds));
const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))];

/** Chromium spoken to through a pipe: no port, no client library. */
function startBrowser() {
  const child = spawn('chromium', ['--headless=new', '--no-sandbox', '--remote-debugging-pipe', '--enable-precise-memory-info', '--hide-scrollbars',
    `--user-data-dir=${mkdtempSync(join(tmpdir(), 'unbend-lab-'))}`, '--window-size=1920,1200', 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  let next = 0, buffer = '';
  const waiting = new Map();
  child.stdio[4].on('data', data => {
    buffer += data;
    const parts = buffer.split('\0');
    buffer = parts.pop();
    for (const part of parts) {
      const answer = JSON.parse(part);
      waiting.get(answer.id)?.(answer);
      waiting.delete(answer.id);
    }
  });
  const call = (method, params = {}, sessionId = undefined) => new Promise((done, fail) => {
    next += 1;
    waiting.set(next, answer => answer.error ? fail(new Error(`${method}: ${answer.error.message}`)) : done(answer.result));
    child.stdio[3].write(`${JSON.stringify({ id: next, method, params, sessionId })}\0`);
  });
  return { call, stop: () => child.kill() };
}

async function openPage(browser, url, width = 1920, height = 1200) {
  const { targetId } = await browser.call('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await browser.call('Target.attachToTarget', { targetId, flatten: true });
  const call = (method, params) => browser.call(method, params, sessionId);
  await call('Page.enable');
  await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  const evaluate = async expression => {
    const { result, exceptionDetails } = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  await call('Page.navigate', { url });
  await sleep(1500);
  return { call, evaluate, close: () => browser.call('Target.closeTarget', { targetId }) };
}

/** Playground's loop, `seconds` long: with a picture after every epoch, one epoch to an animation frame, and without any. */
async function peer(browser, { features, hidden }, seconds = 5) {
  const page = await openPage(browser, 'about:blank');
  const nn = readFileSync(new URL('nn.js', here), 'utf8').replace(/^export /gm, '');
  const body = readFileSync(new URL('peer.js', here), 'utf8').replace(/^import .*$/m, '').replace(/^export /gm, '')
    .replaceAll(/\bnn\.(\w+)/g, '$1');
  await page.evaluate(`${nn}\n${body}\nwindow.pg = playground(${features.length}, ${JSON.stringify(hidden)}); 0`);
  const onScreen = await page.evaluate(`new Promise(done => {
    let epochs = 0; const start = performance.now();
    const frame = () => { pg.epoch(); pg.picture(); epochs++; const t = performance.now() - start;
      if (t < ${1000 * seconds}) requestAnimationFrame(frame); else done(1000 * epochs / t); };
    requestAnimationFrame(frame); })`);
  const bare = await page.evaluate(`(() => { let epochs = 0; const start = performance.now();
    while (performance.now() - start < ${1000 * seconds}) { pg.epoch(); epochs++; } return 1000 * epochs / (performance.now() - start); })()`);
  await page.close();
  return { onScreen, bare };
}

const address = ({ features, hidden }) => `${pathToFileURL(resolve(file))}#data=spiral&n=500&noise=0&test=0.5&features=${features.map(encodeURIComponent).join(',')}`
  + `&hidden=${hidden}&act=${hidden.map(() => 'tanh')}&batch=10&lr=0.03&speed=0&hide=bend`; // so that the input, the layers and the output are what is painted

/** The lab while it plays as fast as it can: epochs a second by its own clock, and the times between animation frames. */
async function lab(browser, shape, seconds = 10) {
  const page = await openPage(browser, address(shape));
  const panels = await page.evaluate(`(() => { const root = document.querySelector('#unbend-lab')?.shadowRoot ?? document; const seen = [...root.querySelectorAll('canvas.space, canvas.map, canvas.bend')]
    .map(c => c.getBoundingClientRect()).filter(r => r.width > 0 && r.top < innerHeight); return seen.map(r => Math.round(r.width)); })()`);
  const measured = await page.evaluate(`new Promise(done => {
    window.lab.play();
    setTimeout(() => {
      const times = [], first = window.lab.state(), start = performance.now(); let last = start;
      const frame = now => { times.push(now - last); last = now;
        if (now - start < ${1000 * seconds}) return requestAnimationFrame(frame);
        const end = window.lab.state(); window.lab.pause();
        done({ epochs: end.lastEpoch - first.lastEpoch, pictures: end.pictures - first.pictures, seconds: (now - start) / 1000, times: times.slice(1) }); };
      requestAnimationFrame(frame);
    }, 2000);
  })`);
  await page.close();
  return { panels, onScreen: measured.epochs / measured.seconds, pictures: measured.pictures / measured.seconds,
    median: quantile(measured.times, 0.5), p95: quantile(measured.times, 0.95) };
}

async function firstPaint(browser, rounds = 9) {
  const times = [];
  for (let i = 0; i < rounds; i++) {
    const page = await openPage(browser, address(SHAPES[0]), 1280, 900);
    times.push(await page.evaluate(`performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN`));
    await page.close();
  }
  return { median: quantile(times, 0.5), worst: Math.max(...times) };
}

async function memory(browser, minutes) {
  const page = await openPage(browser, address(SHAPES[1]));
  await page.evaluate('window.lab.play(); 0');
  const used = [];
  for (let minute = 0; minute <= minutes; minute++) {
    if (minute) await sleep(60_000);
    else await sleep(5_000);
    await page.call('HeapProfiler.collectGarbage');
    used.push(await page.evaluate('performance.memory.usedJSHeapSize / 2 ** 20'));
  }
  await page.close();
  return used.map(value => value.toFixed(1));
}

const browser = startBrowser();
try {
  console.log(`${cpus()[0].model}, ${cpus().length} cores, ${(await browser.call('Browser.getVersion')).product}`);
  const paint = await firstPaint(browser);
  console.log(`first paint from the file: median ${paint.median.toFixed(0)} ms, worst of 9 ${paint.worst.toFixed(0)} ms (aim 300)`);
  for (const shape of SHAPES) {
    const ours = await lab(browser, shape);
    const theirs = await peer(browser, shape);
    console.log(`${shape.name}\n  Playground: ${theirs.onScreen.toFixed(1)} epochs/s on screen, ${theirs.bare.toFixed(0)} without drawing`
      + `\n  unbend: ${ours.onScreen.toFixed(0)} epochs/s on screen = ${(ours.onScreen / theirs.onScreen).toFixed(0)}x on screen, ${(ours.onScreen / theirs.bare).toFixed(1)}x without drawing (aim 100x on screen)`
      + `\n  frames: median ${ours.median.toFixed(1)} ms, 95 % ${ours.p95.toFixed(1)} ms (aim 16.7 and 20), ${ours.pictures.toFixed(0)} new pictures a second, panels of ${ours.panels.join(', ')} px`);
  }
  if (minutes) console.log(`memory while it plays, MiB after each minute: ${(await memory(browser, minutes)).join(' ')}`);
} finally {
  browser.stop();
}
