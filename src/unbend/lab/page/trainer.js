/** One network that is being trained, as the reference in Python does it. */
import { isSound, lossGradient, makeLayers, makeScratch, measures } from './net.js';
import { permutation } from './random.js';

const BETA1 = 0.9, BETA2 = 0.999, EPSILON = 1e-8, SMOOTHING = 0.99;

/**
 * @param {import('./types').Network} network
 * @param {import('./types').Settings} settings
 * @param {import('./types').Data} data
 * @param {import('./types').Floats} inputs (n, features)
 * @param {import('./types').Floats} testInputs
 * @param {{parameters: import('./types').Floats, epoch?: number, step?: number}} start
 * @returns {import('./types').Trainer}
 */
export function makeTrainer(network, settings, data, inputs, testInputs, start) {
  const { n } = data, features = network.widths[0];
  const parameters = start.parameters.slice(), gradient = new Float64Array(parameters.length);
  const safe = parameters.slice();
  const state = { first: new Float64Array(parameters.length), second: new Float64Array(parameters.length), step: 0 };
  const room = { train: makeLayers(network, n), test: makeLayers(network, data.test.n) };
  let now = { ...settings }, size = 0, at = 0, epoch = start.epoch ?? 0, step = start.step ?? 0;
  let divergedAt = /** @type {number | null} */ (null);
  /** @type {ReturnType<typeof makeScratch>} */
  let scratch, x = inputs, y = data.y, order = new Uint32Array(0);

  const setSize = () => {
    const wanted = Math.max(1, Math.min(n, now.batch_size ?? n));
    if (wanted === size) return;
    size = wanted;
    scratch = makeScratch(network, size);
    x = size === n ? inputs : new Float64Array(size * features);
    y = size === n ? data.y : new Float64Array(size);
  };
  const gather = (/** @type {number} */ count) => {
    for (let i = 0; i < count; i++) {
      const row = order[at + i];
      y[i] = data.y[row];
      for (let j = 0; j < features; j++) x[i * features + j] = inputs[row * features + j];
    }
  };
  const trainBatch = () => {
    const count = Math.min(size, n - at);
    if (size < n) {
      if (at === 0) order = permutation(now.shuffle_seed, 'batch', epoch + 1, n);
      gather(count);
    }
    lossGradient(network, parameters, scratch, x, y, count, now.loss, gradient);
    state.step += 1;
    update(parameters, gradient, state, now);
    step += 1;
    at += count;
    if (at >= n) endEpoch();
  };
  const endEpoch = () => {
    at = 0;
    epoch += 1;
    if (isSound(parameters)) safe.set(parameters);
    else {
      divergedAt = epoch;
      parameters.set(safe);
    }
  };
  setSize();
  return {
    network, parameters,
    get epoch() { return epoch; },
    get step() { return step; },
    get divergedAt() { return divergedAt; },
    stepBatch() {
      if (divergedAt !== null) return;
      trainBatch();
      if (at && !isSound(parameters)) endEpoch();
    },
    runEpochs(count) {
      for (const end = epoch + count; epoch < end && divergedAt === null;) trainBatch();
    },
    measure: () => measures(network, parameters, now.loss, data, inputs, testInputs, room),
    change(changes) {
      now = { ...now, ...changes };
      if (changes.batch_size === undefined) return;
      at = 0;
      setSize();
    },
  };
}

/**
 * A step of the optimiser, with PyTorch's formulas, as unbend.training.optimizers.
 * @param {import('./types').Floats} p
 * @param {import('./types').Floats} gradient
 * @param {{first: import('./types').Floats, second: import('./types').Floats, step: number}} state
 * @param {import('./types').Settings} settings
 */
function update(p, gradient, { first, second, step }, { optimizer, learning_rate: rate, momentum, weight_decay: decay, l1 }) {
  const apart = optimizer === 'adamw';
  if (l1) for (let i = 0; i < p.length; i++) gradient[i] += l1 * Math.sign(p[i]);
  if (apart && decay) for (let i = 0; i < p.length; i++) p[i] *= 1 - rate * decay;
  else if (decay) for (let i = 0; i < p.length; i++) gradient[i] += decay * p[i];
  if (optimizer === 'sgd' && !momentum) for (let i = 0; i < p.length; i++) p[i] -= rate * gradient[i];
  else if (optimizer === 'sgd') for (let i = 0; i < p.length; i++) p[i] -= rate * (first[i] = momentum * first[i] + gradient[i]);
  else if (optimizer === 'rmsprop') rmsprop(p, gradient, first, second, rate, momentum);
  else adam(p, gradient, first, second, step, rate);
}

/** @param {import('./types').Floats} p @param {import('./types').Floats} g @param {import('./types').Floats} first @param {import('./types').Floats} second @param {number} step @param {number} rate */
function adam(p, g, first, second, step, rate) {
  const one = 1 - BETA1 ** step, two = 1 - BETA2 ** step;
  for (let i = 0; i < p.length; i++) {
    first[i] = BETA1 * first[i] + (1 - BETA1) * g[i];
    second[i] = BETA2 * second[i] + (1 - BETA2) * g[i] * g[i];
    p[i] -= rate * (first[i] / one) / (Math.sqrt(second[i] / two) + EPSILON);
  }
}

/** @param {import('./types').Floats} p @param {import('./types').Floats} g @param {import('./types').Floats} velocity @param {import('./types').Floats} square @param {number} rate @param {number} momentum */
function rmsprop(p, g, velocity, square, rate, momentum) {
  for (let i = 0; i < p.length; i++) {
    square[i] = SMOOTHING * square[i] + (1 - SMOOTHING) * g[i] * g[i];
    velocity[i] = momentum * velocity[i] + g[i] / (Math.sqrt(square[i]) + EPSILON);
    p[i] -= rate * velocity[i];
  }
}
