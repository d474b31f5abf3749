// TensorFlow Playground's page around its own nn.js, as far as it costs time: its spiral, its step, its boundary of 100 x 100
// points (written from src/playground.ts and src/dataset.ts of the same commit; drawing is one image for each heat map, without d3).
import * as nn from './nn.js';

const DENSITY = 100;
const FEATURES = [
  (x, y) => x, (x, y) => y, (x, y) => x * x, (x, y) => y * y, (x, y) => x * y, (x, y) => Math.sin(x), (x, y) => Math.sin(y),
];

function spiral(count) {
  const points = [];
  for (const [turn, label] of [[0, 1], [Math.PI, -1]]) {
    for (let i = 0; i < count / 2; i++) {
      const r = (i / (count / 2)) * 5, t = (1.75 * i / (count / 2)) * 2 * Math.PI + turn;
      points.push({ x: r * Math.sin(t), y: r * Math.cos(t), label });
    }
  }
  for (let i = points.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [points[i], points[j]] = [points[j], points[i]];
  }
  return points;
}

/** A page of Playground with so many features and these layers: one epoch, and one picture. */
export function playground(featureCount, hidden) {
  const used = FEATURES.slice(0, featureCount);
  const input = (x, y) => used.map(f => f(x, y));
  const ids = used.map((_, i) => `x${i}`);
  const network = nn.buildNetwork([featureCount, ...hidden, 1], nn.Activations.TANH, nn.Activations.TANH, null, ids, false);
  const points = spiral(500);
  const [train, test] = [points.slice(0, 250), points.slice(250)];
  const loss = rows => rows.reduce((sum, p) => sum + nn.Errors.SQUARE.error(nn.forwardProp(network, input(p.x, p.y)), p.label), 0) / rows.length;
  const epoch = () => {
    train.forEach((p, i) => {
      nn.forwardProp(network, input(p.x, p.y));
      nn.backProp(network, p.label, nn.Errors.SQUARE);
      if ((i + 1) % 10 === 0) nn.updateWeights(network, 0.03, 0);
    });
    return [loss(train), loss(test)];
  };
  const boundary = {};
  nn.forEachNode(network, true, node => { boundary[node.id] = Array.from({ length: DENSITY }, () => new Array(DENSITY)); });
  const canvases = {};
  for (const id of Object.keys(boundary)) {
    const side = id === nn.getOutputNode(network).id ? DENSITY : DENSITY / 10;
    canvases[id] = Object.assign(document.createElement('canvas'), { width: side, height: side });
    document.body.append(canvases[id]);
  }
  const picture = () => {
    for (let i = 0; i < DENSITY; i++) {
      for (let j = 0; j < DENSITY; j++) {
        nn.forwardProp(network, input(-6 + 12 * i / (DENSITY - 1), 6 - 12 * j / (DENSITY - 1)));
        nn.forEachNode(network, true, node => { boundary[node.id][i][j] = node.output; });
      }
    }
    for (const [id, canvas] of Object.entries(canvases)) paint(canvas, boundary[id]);
  };
  return { epoch, picture };
}

function paint(canvas, values) {
  const context = canvas.getContext('2d'), side = canvas.width, step = DENSITY / side;
  const image = context.createImageData(side, side);
  for (let y = 0, p = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const share = Math.max(-1, Math.min(1, values[x * step][y * step]));
      image.data[p++] = share < 0 ? 245 : 8;
      image.data[p++] = share < 0 ? 147 : 119;
      image.data[p++] = share < 0 ? 34 : 189;
      image.data[p++] = 160 * Math.abs(share);
    }
  }
  context.putImageData(image, 0, 0);
}
