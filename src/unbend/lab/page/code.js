/** The network of the page as code: the line that trains it in Python, and scripts for other libraries with its weights inside. */
import { activation } from './activations.js';
import { FEATURES } from './data.js';
import { formulaTree } from './formula.js';
import { TOYS } from './toys.js';
import { inOrder, wholeExponent, wholePower } from './tree.js';

/** @typedef {import('./tree.js').Node} Node */
/** @typedef {import('./types').Lab} Lab */
/** @typedef {Record<string, (...args: string[]) => string>} Words how a library writes an operation, if not as a function of its own */

const SIGNS = /** @type {Record<string, string>} */ ({
  add: '+', subtract: '-', multiply: '*', divide: '/', power: '**', less: '<', less_equal: '<=', greater: '>', greater_equal: '>=', equal: '==', not_equal: '!=',
});
/** What ub.train takes where nothing is said. */
const USUAL = /** @type {Record<string, unknown>} */ ({
  init: 'glorot_normal', gain: null, optimizer: 'sgd', learning_rate: 0.05, momentum: 0, weight_decay: 0, l1: 0, batch_size: 16, seed: 0, shuffle_seed: 0,
});
const SCIKIT = [['identity', 'identity'], ['tanh', 'tanh'], ['relu', 'relu'], ['sigmoid', 'logistic']];

const isNumber = (/** @type {string} */ text) => /^[\d(]-?\d*/.test(text) && Number.isFinite(Number(text.replace(/^\((.*)\)$/, '$1')));
const like = (/** @type {string} */ call) => (/** @type {string} */ a) => isNumber(a) ? `${call}(x, ${a})` : a;
const torchLike = like('torch.full_like'), kerasLike = like('ops.full_like');
const bound = (/** @type {string} */ name, /** @type {string} */ side) => (/** @type {string} */ a, /** @type {string} */ b) =>
  isNumber(a) ? `torch.clamp(${b}, ${side}=${a})` : isNumber(b) ? `torch.clamp(${a}, ${side}=${b})` : `torch.${name}(${a}, ${b})`;

/** @type {Words} */
const TORCH = {
  '': name => `torch.${name}`, softplus: a => `torch.logaddexp(${a}, torch.zeros_like(${a}))`, gaussian: a => `torch.exp(-${a} * ${a})`,
  step: a => `(${a} > 0).to(x.dtype)`, minimum: bound('minimum', 'max'), maximum: bound('maximum', 'min'),
  where: (mask, a, b) => `torch.where(${bare(mask)}, ${isNumber(b) ? torchLike(a) : a}, ${b})`,
};
/** @type {Words} */
const KERAS = {
  '': name => `ops.${name === 'atan' ? 'arctan' : name}`, softplus: a => `ops.logaddexp(${a}, ops.zeros_like(${a}))`, gaussian: a => `ops.exp(-${a} * ${a})`,
  step: a => `ops.where(${a} > 0, ops.ones_like(x), ops.zeros_like(x))`, where: (mask, a, b) => `ops.where(${bare(mask)}, ${kerasLike(a)}, ${kerasLike(b)})`,
  minimum: (a, b) => `ops.minimum(${kerasLike(a)}, ${kerasLike(b)})`, maximum: (a, b) => `ops.maximum(${kerasLike(a)}, ${kerasLike(b)})`,
};

/** A number as Python reads it. @param {number} value */
const written = value => Number.isFinite(value) ? String(value).replace('+', '') : `float("${value}")`;

/** A value as Python reads it. @param {any} value @returns {string} */
function python(value) {
  if (value === null) return 'None';
  if (typeof value === 'number') return written(value);
  if (typeof value === 'string') return JSON.stringify(value).replaceAll('\u007f', '\\x7f');
  return `[${value.map(python).join(', ')}]`;
}

/** @param {string[]} parts */
const tuple = parts => `(${parts.join(', ')}${parts.length === 1 ? ',' : ''})`;

/**
 * A formula as a function of Python: what is used twice has a name, the rest stands in one expression.
 * @param {string} formula
 * @param {string} name
 * @param {Words} words
 * @param {(a: string) => string} full a number as an array
 */
function functionOf(formula, name, words, full) {
  const root = formulaTree(formula), nodes = inOrder([root]), uses = /** @type {Map<Node, number>} */ (new Map());
  for (const { op, args } of nodes) {
    const repeated = op === 'power' || ['softplus', 'gaussian'].includes(op) ? 2 : 1; // written more than once
    args.forEach(one => uses.set(one, (uses.get(one) ?? 0) + repeated));
  }
  const texts = /** @type {Map<Node, string>} */ (new Map()), lines = /** @type {string[]} */ ([]);
  const temporary = (/** @type {string} */ text) => {
    lines.push(`t${lines.length + 1} = ${bare(text)}`);
    return `t${lines.length}`;
  };
  for (const node of nodes) {
    const text = textOf(node, node.args.map(one => /** @type {string} */ (texts.get(one))), words);
    texts.set(node, node.args.length && (uses.get(node) ?? 0) > 1 ? temporary(text) : text);
  }
  return [`def ${name}(x):`, ...lines.map(line => `    ${line}`), `    return ${bare(full(/** @type {string} */ (texts.get(root))))}`].join('\n');
}

/** A text without the brackets around the whole of it. @param {string} text */
function bare(text) {
  let depth = 0;
  const inner = text.slice(1, -1), whole = text.startsWith('(') && text.endsWith(')');
  return whole && [...inner].every(letter => (depth += letter === '(' ? 1 : letter === ')' ? -1 : 0) >= 0) ? inner : text;
}

/** @param {Node} node @param {string[]} args @param {Words} words @returns {string} */
function textOf({ op, args: [, exponent], value }, args, words) {
  if (op === 'x') return 'x';
  if (op === 'constant') return value < 0 ? `(${written(value)})` : written(value);
  if (op === 'negative') return `(-${args[0]})`;
  const whole = op === 'power' && exponent.op === 'constant' ? wholeExponent(exponent.value) : 0;
  if (whole) {
    const product = wholePower(args[0], Math.abs(whole), (a, b) => `(${a} * ${b})`);
    return whole < 0 ? `(1 / ${product})` : product;
  }
  if (SIGNS[op]) return `(${args[0]} ${SIGNS[op]} ${args[1]})`;
  return words[op] ? words[op](...args) : `${words[''](op)}(${args.map(bare).join(', ')})`;
}

/** The names of the functions for each hidden layer, and their sources; equal formulas are one function. @param {Lab} lab @param {Words} words @param {(a: string) => string} full */
function functionsOf({ network }, words, full) {
  const formulas = [...new Set(network.activations.map(one => one.formula))];
  const names = formulas.map((_, i) => formulas.length > 1 ? `activation_${i + 1}` : 'activation');
  return { used: network.activations.map(one => names[formulas.indexOf(one.formula)]), source: formulas.map((formula, i) => `${functionOf(formula, names[i], words, full)}\n`) };
}

/** Weights (in, out) and biases of all layers as Python. @param {Lab} lab */
function layersOf({ network: { widths, offsets }, frame: { parameters } }) {
  const rows = offsets.map(({ weight, bias }, l) => {
    const wide = widths[l + 1], row = (/** @type {number} */ at) => Array.from(parameters.subarray(at, at + wide));
    return `    (${python(Array.from({ length: widths[l] }, (_, j) => row(weight + j * wide)))},\n     ${python(row(bias))}),`;
  });
  return `LAYERS = [  # weight (in, out) and bias (out,) of each layer\n${rows.join('\n')}\n]`;
}

/** One feature as NumPy. @param {string} name */
const featureCode = name => name.replace('x1*x2', 'x1 * x2').replace('^2', '**2').replace(/sin\(pi\*(\w+)\)/, 'np.sin(np.pi * $1)');

/** What makes the inputs of points, and some points as an example. @param {Lab} lab */
function inputsCode({ data, settings }) {
  const lifted = data.d <= 2, columns = lifted ? [...Array(data.d).keys()] : settings.features.map(name => data.feature_names.indexOf(name));
  const { x_mean: mean, x_scale: scale } = data, scaled = mean && scale;
  const original = (/** @type {number} */ i) => columns.map(k => data.x[i * data.d + k] * (scaled ? scale[k] : 1) + (scaled ? mean[k] : 0));
  const names = lifted ? FEATURES[data.d].slice(0, data.d) : [];
  const lines = [
    scaled && `    points = (points - np.array(${python(columns.map(k => mean[k]))})) / np.array(${python(columns.map(k => scale[k]))})`,
    lifted ? `    ${names.join(', ')}${names.length > 1 ? '' : ','} = points.T\n    return np.stack([${settings.features.map(featureCode).join(', ')}], axis=1)` : '    return points',
  ];
  const shown = [...new Set([0, data.n >> 1, data.n - 1])].map(original);
  return [
    `def inputs(points):\n    """What the network takes for points (n, ${columns.length}): ${python(columns.map(k => data.feature_names[k])).slice(1, -1).replaceAll(/[\\"]/g, '')}."""`,
    '    points = np.asarray(points, float)', ...lines.filter(Boolean), '', '', `EXAMPLES = ${python(shown)}`,
  ].join('\n');
}

/** @param {Lab} lab @param {string} library */
function title({ network, frame, data }, library) {
  const plain = (/** @type {string} */ text) => text.replaceAll(/[\\"\n\r]/g, ' ');
  const names = [...new Set(network.activations.map(one => one.name))].map(plain).join(', ') || 'no hidden layer';
  return `"""A network for ${library} from unbend lab: ${network.widths.join('-')}, ${names}; ${plain(data.name)}, epoch ${frame.epoch}."""`;
}

/** What the answers are, in words. @param {Lab} lab */
const answers = ({ data, network }) => network.output === 'identity' ? '(n,) values' : network.output === 'sigmoid'
  ? `(n,) probabilities of class ${python(data.class_names[1]).replaceAll(/[\\"]/g, '')}` : '(n, classes) probabilities';

/** The end of all scripts: outputs (n, out) as the user wants them. @param {Lab} lab @param {string} outputs */
function predictCode(lab, outputs) {
  const { data, network } = lab, alone = network.output === 'softmax' ? '' : '[:, 0]';
  const units = data.task === 'regression' && (data.y_mean !== 0 || data.y_scale !== 1) ? ` * ${written(data.y_scale)} + ${written(data.y_mean)}` : '';
  return [`def predict(points):\n    """${answers(lab)} for points in their own units."""`, `    return ${outputs}${alone}${units}`, '', '', 'print(predict(EXAMPLES))', ''].join('\n');
}

/**
 * A script for PyTorch with the weights of the shown epoch.
 * @param {Lab} lab
 */
export function pytorchCode(lab) {
  const { widths, output } = lab.network, { used, source } = functionsOf(lab, TORCH, torchLike);
  const end = { sigmoid: ', nn.Sigmoid()', softmax: ', nn.Softmax(dim=1)', identity: '' }[output];
  const parts = widths.slice(1).map((width, l) => `nn.Linear(${widths[l]}, ${width})${used[l] ? `, Function(${used[l]})` : end}`);
  return [
    title(lab, 'PyTorch'), 'import numpy as np\nimport torch\nfrom torch import nn\n', layersOf(lab), '', '', inputsCode(lab), '', '',
    ...source.flatMap(one => [one, '']),
    // line by line: the linker of the page takes indentation out of longer texts
    'class Function(nn.Module):', '    """A function as a layer."""', '', '    def __init__(self, function):', '        super().__init__()',
    '        self.function = function', '', '    def forward(self, x):', '        return self.function(x)', '', '',
    `network = nn.Sequential(${parts.join(', ')}).double()`, 'linear = [layer for layer in network if isinstance(layer, nn.Linear)]',
    'for layer, (weight, bias) in zip(linear, LAYERS):', '    layer.weight.data = torch.tensor(weight).double().T.contiguous()',
    '    layer.bias.data = torch.tensor(bias).double()', '', '', predictCode(lab, 'network(torch.tensor(inputs(points))).detach().numpy()'),
  ].join('\n');
}

/**
 * A script for Keras 3 with the weights of the shown epoch.
 * @param {Lab} lab
 */
export function kerasCode(lab) {
  const { widths, output } = lab.network, { used, source } = functionsOf(lab, KERAS, kerasLike);
  const end = output === 'identity' ? '' : `, activation="${output}"`;
  const parts = widths.slice(1).map((width, l) => `    keras.layers.Dense(${width}${used[l] ? `, activation=${used[l]}` : end}),`);
  return [
    title(lab, 'Keras'), 'import keras\nimport numpy as np\nfrom keras import ops\n', layersOf(lab), '', '', inputsCode(lab), '', '',
    ...source.flatMap(one => [one, '']), `network = keras.Sequential([\n    keras.Input((${widths[0]},)),\n${parts.join('\n')}\n])`,
    'network.set_weights([np.array(part) for layer in LAYERS for part in layer])\n', '',
    predictCode(lab, 'ops.convert_to_numpy(network(inputs(points).astype("float32")))'),
  ].join('\n');
}

/**
 * A script for scikit-learn with the weights of the shown epoch; a comment where it has no such network.
 * @param {Lab} lab
 */
export function sklearnCode(lab) {
  const { network, settings, data } = lab, formulas = [...new Set(network.activations.map(one => one.formula))];
  const known = formulas.length ? SCIKIT.find(([ours]) => activation(ours).formula === formulas[0]) : SCIKIT[0];
  const regression = data.task === 'regression', kind = regression ? 'MLPRegressor' : 'MLPClassifier';
  if (formulas.length > 1) return `# scikit-learn has one activation for all hidden layers, not ${formulas.length}:\n${formulas.map(one => `# ${one}`).join('\n')}\n`;
  if (!known) {
    const own = `ub.Activation${kind.slice(3)}(${python(settings.activations[0])}, ${tuple(settings.hidden.map(written))})`;
    return `# scikit-learn has no such activation: ${formulas[0]}\n# It has identity, logistic, tanh and relu. unbend has it, as an estimator for fit(X, y):\nimport unbend as ub\n\nnetwork = ${own}\n`;
  }
  const classes = regression ? '' : `, classes=${python([...data.class_names.keys()])}`;
  const answer = regression ? 'network.predict(inputs(points))[:, None]' : `network.predict_proba(inputs(points))${data.task === 'binary' ? '[:, 1:]' : ''}`;
  return [
    title(lab, 'scikit-learn'), `import numpy as np\nfrom sklearn.neural_network import ${kind}\n`, layersOf(lab), '', '', inputsCode(lab), '', '',
    `network = ${kind}(hidden_layer_sizes=${tuple(settings.hidden.map(written))}, activation="${known[1]}")`,
    `network.partial_fit(inputs(EXAMPLES)[:1], [0]${classes})  # makes room for the weights`,
    'network.coefs_ = [np.array(weight) for weight, _ in LAYERS]\nnetwork.intercepts_ = [np.array(bias) for _, bias in LAYERS]\n', '', predictCode(lab, answer),
  ].join('\n');
}

/**
 * The lines of Python that train the same network on the same rows.
 * @param {Lab} lab
 */
export function pythonLine(lab) {
  const { settings, data, frame } = lab, { test, seed } = settings.data;
  const names = [...new Set(settings.activations)];
  const said = Object.keys(USUAL).filter(name => /** @type {any} */ (settings)[name] !== USUAL[name]).map(name => `${name}=${python(/** @type {any} */ (settings)[name])}`);
  const chosen = names.length > 1 ? python(settings.activations) : python(names[0] ?? 'tanh');
  const loss = settings.loss === 'huber' ? ['loss="huber"'] : [];
  const given = [`hidden=${tuple(settings.hidden.map(written))}`, `activation=${chosen}`, ...loss, ...said, `epochs=${Math.max(1, frame.epoch)}`];
  const own = data.name === 'own', lines = own ? ['import numpy as np', 'import unbend as ub', ''] : ['import unbend as ub', ''];
  lines.push(`data = ${dataCode(lab)}`);
  if (test > 0) lines.push(`data, test = ub.data.split(data, test=${test}, seed=${seed})`);
  return [...lines, ...chosenCode(lab), `run = ub.train(data, ${given.join(', ')})`, ''].join('\n');
}

/** @param {Lab} lab */
function dataCode({ settings: { data: { name, n, noise, seed, own } }, data }) {
  if (TOYS.some(toy => toy.name === name)) return `ub.data.${name}(n=${n}, noise=${written(noise)}, seed=${seed})`;
  if (name !== 'own' || !own) return `ub.data.load(${python(name)})`;
  const array = (/** @type {number[] | undefined} */ values) => `np.array(${python(values)})`;
  const scales = own.x_mean && own.x_scale ? [`x_mean=${array(own.x_mean)}`, `x_scale=${array(own.x_scale)}`] : [];
  const parts = [
    `name="own"`, `x=np.array(${python(own.x)}, float)`, `y=np.array(${python(own.y)}, float)`, `task=${python(own.task)}`, `feature_names=${tuple(own.feature_names.map(python))}`,
    `target_name=${python(own.target_name)}`, `class_names=${tuple(own.class_names.map(python))}`.replace('(,)', '()'), ...scales, `y_mean=${written(data.y_mean)}`, `y_scale=${written(data.y_scale)}`,
  ];
  return `ub.data.Dataset(\n${parts.map(part => `    ${part},\n`).join('')})`;
}

/** The features or columns, where they are not all that the data has as it stands. @param {Lab} lab */
function chosenCode({ settings: { features }, data }) {
  const plain = data.d > 2 ? data.feature_names : FEATURES[data.d].slice(0, data.d);
  if (features.join('\n') === plain.join('\n')) return [];
  if (data.d <= 2) return [`data = ub.data.lift(data, ${tuple(features.map(python))})`];
  const columns = python(features.map(name => data.feature_names.indexOf(name)));
  const scales = data.x_mean ? `, x_mean=data.x_mean[${columns}], x_scale=data.x_scale[${columns}]` : '';
  return ['from dataclasses import replace', `data = replace(data, x=data.x[:, ${columns}], feature_names=${tuple(features.map(python))}${scales})`];
}
