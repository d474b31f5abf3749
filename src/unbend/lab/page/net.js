/** The multilayer perceptron: forward and backward pass in flat arrays, losses and measures; twin of unbend.network. */

const LARGEST = 3.4028234663852886e38;

/**
 * @param {number[]} widths (inputs, h1, …, out)
 * @param {import('./types').Activation[]} activations
 * @param {import('./types').Link} output
 * @returns {import('./types').Network}
 */
export function makeNetwork(widths, activations, output) {
  let at = 0;
  const offsets = widths.slice(1).map((width, layer) => {
    const weight = at, bias = at + widths[layer] * width;
    at = bias + width;
    return { weight, bias };
  });
  return { widths, activations, output, parameterCount: at, offsets };
}

/** @param {import('./types').Network} network @param {number} n @returns {import('./types').Layer[]} */
export function makeLayers(network, n) {
  return network.widths.slice(1).map(width => ({ width, pre: new Float64Array(n * width), post: new Float64Array(n * width) }));
}

/**
 * What every layer makes of x (n, inputs); the last layer's `pre` are the scores, its `post` probabilities or values.
 * @param {import('./types').Network} network
 * @param {import('./types').Floats} parameters
 * @param {import('./types').Floats} x
 * @param {number} n
 * @param {import('./types').Layer[]} [into] layers to write into, made for n rows or more
 */
export function forward(network, parameters, x, n, into) {
  const layers = into ?? makeLayers(network, n);
  let from = x;
  layers.forEach((layer, l) => {
    affine(parameters, network.offsets[l], network.widths[l], layer.width, from, n, layer.pre);
    if (l < network.activations.length) network.activations[l].apply(layer.pre, layer.post, null, 0, n * layer.width);
    else link(network.output, layer, n);
    from = layer.post;
  });
  return layers;
}

/**
 * out (n, wide) = x (n, inputs) @ weight + bias; two rows and four units at once stay in registers.
 * @param {import('./types').Floats} p
 * @param {{weight: number, bias: number}} offset
 * @param {number} inputs
 * @param {number} wide
 * @param {import('./types').Floats} x
 * @param {number} n
 * @param {import('./types').Floats} out
 */
export function affine(p, { weight, bias }, inputs, wide, x, n, out) {
  let i = 0, row = 0, to = 0;
  for (; i + 1 < n; i += 2, row += 2 * inputs, to += 2 * wide) {
    let k = 0;
    for (; k + 3 < wide; k += 4) {
      let a = p[bias + k], b = p[bias + k + 1], c = p[bias + k + 2], d = p[bias + k + 3];
      let e = a, f = b, g = c, h = d;
      for (let j = row, end = row + inputs, w = weight + k; j < end; j++, w += wide) {
        const u = x[j], v = x[j + inputs], p0 = p[w], p1 = p[w + 1], p2 = p[w + 2], p3 = p[w + 3];
        a += u * p0;
        b += u * p1;
        c += u * p2;
        d += u * p3;
        e += v * p0;
        f += v * p1;
        g += v * p2;
        h += v * p3;
      }
      const at = to + k, next = at + wide;
      out[at] = a;
      out[at + 1] = b;
      out[at + 2] = c;
      out[at + 3] = d;
      out[next] = e;
      out[next + 1] = f;
      out[next + 2] = g;
      out[next + 3] = h;
    }
    for (; k < wide; k++) {
      let a = p[bias + k], b = a;
      for (let j = row, end = row + inputs, w = weight + k; j < end; j++, w += wide) {
        a += x[j] * p[w];
        b += x[j + inputs] * p[w];
      }
      out[to + k] = a;
      out[to + wide + k] = b;
    }
  }
  for (; i < n; i++, row += inputs, to += wide) {
    for (let k = 0; k < wide; k++) {
      let a = p[bias + k];
      for (let j = row, end = row + inputs, w = weight + k; j < end; j++, w += wide) a += x[j] * p[w];
      out[to + k] = a;
    }
  }
}

/** @param {import('./types').Link} output @param {import('./types').Layer} layer @param {number} n */
function link(output, { width, pre, post }, n) {
  if (output === 'identity') post.set(pre);
  else if (output === 'sigmoid') for (let i = 0; i < n; i++) post[i] = sigmoid(pre[i]);
  else for (let i = 0; i < n; i++) softmax(pre, post, i * width, width);
}

/** @param {number} z */
function sigmoid(z) {
  const small = Math.exp(-Math.abs(z));
  return (z >= 0 ? 1 : small) / (1 + small);
}

/** @param {import('./types').Floats} pre @param {import('./types').Floats} post @param {number} start @param {number} width */
function softmax(pre, post, start, width) {
  let most = -Infinity, total = 0;
  for (let k = start; k < start + width; k++) most = Math.max(most, pre[k]);
  for (let k = start; k < start + width; k++) total += post[k] = Math.exp(pre[k] - most);
  for (let k = start; k < start + width; k++) post[k] /= total;
}

/**
 * The gradient of the mean loss of a batch by all parameters, added up by back-propagation.
 * @param {import('./types').Network} network
 * @param {import('./types').Floats} p parameters
 * @param {{layers: import('./types').Layer[], slopes: import('./types').Floats[], deltas: import('./types').Floats[]}} scratch
 * @param {import('./types').Floats} x (n, inputs)
 * @param {import('./types').Floats} y (n,)
 * @param {number} n
 * @param {import('./types').Loss} loss
 * @param {import('./types').Floats} gradient to be written
 */
export function lossGradient(network, p, scratch, x, y, n, loss, gradient) {
  const { layers, slopes, deltas } = scratch, { widths, offsets, activations } = network;
  const last = layers.length - 1;
  for (let l = 0; l <= last; l++) {
    const { pre, post, width } = layers[l];
    affine(p, offsets[l], widths[l], width, l ? layers[l - 1].post : x, n, pre);
    if (l < last) activations[l].apply(pre, post, slopes[l], 0, n * width);
  }
  scoreGradient(loss, layers[last], y, n, deltas[last]);
  for (let l = last; l >= 0; l--) {
    const inputs = widths[l], wide = widths[l + 1];
    weightGradient(gradient, offsets[l], l ? layers[l - 1].post : x, deltas[l], n, inputs, wide);
    if (l) pullBack(p, offsets[l].weight, deltas[l], deltas[l - 1], slopes[l - 1], n, inputs, wide);
  }
}

/** The gradient of the mean loss by the scores. @param {string} loss @param {import('./types').Layer} layer @param {import('./types').Floats} y @param {number} n @param {import('./types').Floats} delta */
function scoreGradient(loss, { width, pre, post }, y, n, delta) {
  if (loss === 'binary_cross_entropy') for (let i = 0; i < n; i++) delta[i] = (sigmoid(pre[i]) - y[i]) / n;
  else if (loss === 'squared') for (let i = 0; i < n; i++) delta[i] = 2 * (pre[i] - y[i]) / n;
  else if (loss === 'huber') for (let i = 0; i < n; i++) delta[i] = Math.max(-1, Math.min(1, pre[i] - y[i])) / n;
  else {
    for (let i = 0, at = 0; i < n; i++, at += width) {
      softmax(pre, post, at, width);
      for (let k = 0; k < width; k++) delta[at + k] = (post[at + k] - (y[i] === k ? 1 : 0)) / n;
    }
  }
}

/**
 * gradient of weight (inputs, wide) = xᵀ delta, and of the bias = sum of delta.
 * @param {import('./types').Floats} gradient
 * @param {{weight: number, bias: number}} offset
 * @param {import('./types').Floats} x
 * @param {import('./types').Floats} delta
 * @param {number} n
 * @param {number} inputs
 * @param {number} wide
 */
function weightGradient(gradient, { weight, bias }, x, delta, n, inputs, wide) {
  for (let k = 0; k < wide; k++) {
    let sum = 0;
    for (let i = 0, at = k; i < n; i++, at += wide) sum += delta[at];
    gradient[bias + k] = sum;
  }
  for (let j = 0; j < inputs; j++) {
    const to = weight + j * wide;
    let k = 0;
    for (; k + 3 < wide; k += 4) {
      let a = 0, b = 0, c = 0, d = 0;
      for (let i = 0, from = j, at = k; i < n; i++, from += inputs, at += wide) {
        const value = x[from];
        a += value * delta[at];
        b += value * delta[at + 1];
        c += value * delta[at + 2];
        d += value * delta[at + 3];
      }
      gradient[to + k] = a;
      gradient[to + k + 1] = b;
      gradient[to + k + 2] = c;
      gradient[to + k + 3] = d;
    }
    for (; k < wide; k++) {
      let a = 0;
      for (let i = 0, from = j, at = k; i < n; i++, from += inputs, at += wide) a += x[from] * delta[at];
      gradient[to + k] = a;
    }
  }
}

/**
 * before (n, inputs) = (delta @ weightᵀ) * slope.
 * @param {import('./types').Floats} p
 * @param {number} weight
 * @param {import('./types').Floats} delta
 * @param {import('./types').Floats} before
 * @param {import('./types').Floats} slope
 * @param {number} n
 * @param {number} inputs
 * @param {number} wide
 */
function pullBack(p, weight, delta, before, slope, n, inputs, wide) {
  for (let i = 0, from = 0, to = 0; i < n; i++, from += wide, to += inputs) {
    let j = 0;
    for (; j + 3 < inputs; j += 4) {
      const w = weight + j * wide;
      let a = 0, b = 0, c = 0, d = 0;
      for (let k = 0; k < wide; k++) {
        const value = delta[from + k];
        a += value * p[w + k];
        b += value * p[w + wide + k];
        c += value * p[w + 2 * wide + k];
        d += value * p[w + 3 * wide + k];
      }
      before[to + j] = a * slope[to + j];
      before[to + j + 1] = b * slope[to + j + 1];
      before[to + j + 2] = c * slope[to + j + 2];
      before[to + j + 3] = d * slope[to + j + 3];
    }
    for (; j < inputs; j++) {
      let a = 0;
      for (let k = 0, w = weight + j * wide; k < wide; k++) a += delta[from + k] * p[w + k];
      before[to + j] = a * slope[to + j];
    }
  }
}

/** Room for `lossGradient` with batches of up to n rows. @param {import('./types').Network} network @param {number} n */
export function makeScratch(network, n) {
  const sized = () => network.widths.slice(1).map(width => new Float64Array(n * width));
  return { layers: makeLayers(network, n), slopes: sized(), deltas: sized() };
}

/**
 * Mean loss, and accuracy or r2, of scores (n, out).
 * @param {string} loss
 * @param {import('./types').Layer} layer
 * @param {import('./types').Floats} y
 * @param {number} n
 * @returns {[loss: number, metric: number]}
 */
export function lossAndMetric(loss, { width, pre }, y, n) {
  if (!n) return [NaN, NaN];
  let total = 0, right = 0;
  if (loss === 'squared' || loss === 'huber') return regressionMeasures(loss, pre, y, n);
  for (let i = 0, at = 0; i < n; i++, at += width) {
    if (width === 1) {
      total += Math.max(pre[i], 0) + Math.log1p(Math.exp(-Math.abs(pre[i]))) - y[i] * pre[i];
      right += (pre[i] > 0 ? 1 : 0) === y[i] ? 1 : 0;
    } else {
      let best = 0, sum = 0;
      for (let k = 1; k < width; k++) if (pre[at + k] > pre[at + best]) best = k;
      for (let k = 0; k < width; k++) sum += Math.exp(pre[at + k] - pre[at + best]);
      total += Math.log(sum) + pre[at + best] - pre[at + y[i]];
      right += best === y[i] ? 1 : 0;
    }
  }
  return [total / n, right / n];
}

/** @param {string} loss @param {import('./types').Floats} scores @param {import('./types').Floats} y @param {number} n @returns {[number, number]} */
function regressionMeasures(loss, scores, y, n) {
  let total = 0, squares = 0, mean = 0, spread = 0;
  for (let i = 0; i < n; i++) mean += y[i] / n;
  for (let i = 0; i < n; i++) {
    const size = Math.abs(scores[i] - y[i]);
    squares += size * size;
    total += loss === 'squared' ? size * size : size <= 1 ? 0.5 * size * size : size - 0.5;
    spread += (y[i] - mean) ** 2;
  }
  return [total / n, 1 - squares / spread];
}

/**
 * Loss and accuracy (or r2) on the training and the test rows; without `testInputs` on the training rows alone.
 * @param {import('./types').Network} network
 * @param {import('./types').Floats} parameters
 * @param {import('./types').Loss} loss
 * @param {import('./types').Data} data
 * @param {import('./types').Floats} inputs
 * @param {import('./types').Floats} testInputs
 * @param {{train: import('./types').Layer[], test: import('./types').Layer[]}} [room]
 * @returns {import('./types').Measures}
 */
export function measures(network, parameters, loss, data, inputs, testInputs, room) {
  const scores = (/** @type {import('./types').Floats} */ x, /** @type {number} */ n, /** @type {import('./types').Layer[] | undefined} */ into) => {
    const layers = forward(network, parameters, x, n, into);
    return layers[layers.length - 1];
  };
  const [own, metric] = lossAndMetric(loss, scores(inputs, data.n, room?.train), data.y, data.n);
  const tests = testInputs.length ? data.test.n : 0;
  const [test, testMetric] = tests ? lossAndMetric(loss, scores(testInputs, tests, room?.test), data.test.y, tests) : [NaN, NaN];
  return { loss: own, metric, testLoss: test, testMetric };
}

/** Whether all numbers stay within float32, as Python's reference asks. @param {import('./types').Floats} parameters */
export function isSound(parameters) {
  for (let i = 0; i < parameters.length; i++) if (!(Math.abs(parameters[i]) <= LARGEST)) return false;
  return true;
}
