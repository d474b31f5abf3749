/** The lessons as guided scenes: texts and settings, as plain as data. lessons.js shows them; a test runs them all. */

/**
 * One step. Entering it applies `set` (over the scene's own `set`) unless the page already stands so, then `show`.
 * `weights` places weights instead of drawn ones; `run` is how many epochs its text speaks of, and `ran` how many it
 * looks back on; a `task` is fulfilled
 * when `done` says so, and `mend` are the settings that do it for the user.
 * @typedef {{ text: import('./types').Text, set?: Partial<import('./types').Settings>, run?: number, ran?: number,
 *   show?: Partial<import('./types').ViewSettings>, weights?: (network: import('./types').Network) => Float64Array,
 *   task?: import('./types').Text, done?: (lab: import('./types').Lab) => boolean,
 *   mend?: Partial<import('./types').Settings> }} Step
 * @typedef {{ name: string, title: import('./types').Text, set: Partial<import('./types').Settings>, steps: Step[] }} Scene
 */

/** @param {string} name @param {string} en @param {string} zh @param {Partial<import('./types').Settings>} set @param {...Step} steps */
const scene = (name, en, zh, set, ...steps) => ({ name, title: { en, zh }, set, steps });

/** @param {string} en @param {string} zh @param {Omit<Step, 'text'>} more @returns {Step} */
const step = (en, zh, more) => ({ text: { en, zh }, ...more });

/** @param {string} name @param {number} n @param {number} [noise] */
const toy = (name, n, noise = 0) => ({ data: { name, n, noise, seed: 0, test: 0 } });

/** @param {string} activation @param {...number} hidden */
const net = (activation, ...hidden) => ({ hidden, activations: hidden.map(() => activation) });

const DEEP = [8, 8, 8, 8, 8, 8], LECUN = { init: 'lecun_normal', gain: /** @type {'exact'} */ ('exact') };

/** What every scene starts from. @type {Partial<import('./types').Settings>} */
export const BASE = {
  features: ['x1', 'x2'], hidden: [], activations: [], init: 'glorot_normal', gain: null, loss: 'binary_cross_entropy',
  optimizer: 'adam', learning_rate: 0.1, momentum: 0, weight_decay: 0, l1: 0, batch_size: null, seed: 0, shuffle_seed: 0,
};

/**
 * Threshold units whose lines make a regular polygon around the origin, and a last unit that says "inside all of them".
 * @param {import('./types').Network} network
 */
function polygon({ widths: [, k], parameterCount }) {
  const flat = new Float64Array(parameterCount);
  for (let unit = 0; unit < k; unit++) {
    flat[unit] = Math.cos(2 * Math.PI * unit / k);
    flat[k + unit] = Math.sin(2 * Math.PI * unit / k);
    flat[2 * k + unit] = 0.55;
    flat[3 * k + unit] = 4;
  }
  flat[4 * k] = 2 - 4 * k;
  return flat;
}

/** @param {number} percent */
const right = percent => ({
  task: { en: `${percent} % right`, zh: `分对 ${percent}%` },
  /** @param {import('./types').Lab} lab */
  done: lab => lab.frame.metric >= percent / 100,
});
const ALL_RIGHT = right(100);
const DRAG = {
  show: { bend: 0 }, task: { en: 'Slider at its end', zh: '把滑块拖到底' },
  /** @param {import('./types').Lab} lab */
  done: lab => lab.view.bend !== null && lab.view.bend >= lab.settings.hidden.length,
};

/** @type {Scene[]} */
export const SCENES = [
  scene('line', 'A perceptron draws one line', '一个感知机，一条直线', toy('line', 200),
    step('One unit: two weights turn a line, a bias shifts it. Play: training moves it.',
      '一个单元：两个权重定方向，偏置定位置。按播放，训练就是挪直线。', { run: 100, ...ALL_RIGHT }),
    step('Two moons. Play as long as you like: the line stays straight.',
      '两弯月牙。播放多久都行：直线就是不会弯。', { set: toy('moons', 200, 0.1), run: 200 }),
    step('Now something that bends: a hidden layer of 3 tanh units.',
      '加点会弯的：一个隐藏层，3 个 tanh 单元。', { set: toy('moons', 200, 0.1), run: 300, mend: net('tanh', 3), ...right(99) })),
  scene('affine', 'Without an activation, deep is not deep', '没有激活函数，再深也只是一层', { ...toy('curves', 200), ...net('identity', 8, 8, 8, 8) },
    step('Five layers, 249 numbers, no activation: the boundary is one straight line.',
      '五层，249 个参数，没有激活函数：边界只是一条直线。', { run: 100 }),
    step('Drag the bend slider: space is turned, stretched, flattened, never bent. The lamp shows the one matrix of all layers.',
      '拖动弯曲滑块：空间会转、会拉、会压扁，就是不弯。定理灯写着五层合成的矩阵。', { ran: 150, ...DRAG }),
    step('Change only the activation, to tanh.',
      '只把激活函数换成 tanh。', { run: 100, mend: net('tanh', 8, 8, 8, 8), ...ALL_RIGHT })),
  scene('pieces', 'Step activations: a circle out of straight pieces', '阶跃激活：用直线段拼一个圆', toy('ring', 300),
    step('Three threshold units, placed by hand, cut out a triangle. Its corners reach into the ring.',
      '手工放好三个阈值单元，切出三角形，尖角却伸进了环里。', { set: net('step', 3), weights: polygon }),
    step('Six cuts, and every point is right. More are rounder; a circle it never is.',
      '六刀，全部分对。刀越多越圆，但永远不是圆。', { set: net('step', 6), weights: polygon, ...ALL_RIGHT }),
    step('Play. The lines do not move: a step has slope 0, so no gradient reaches them.',
      '按播放。线纹丝不动：阶跃的斜率是 0，梯度传不过去。', { set: net('step', 6), weights: polygon, run: 50 }),
    step('Three tanh units bend smoothly, and can learn.',
      '三个 tanh 单元：弯得平滑，学得动。', { set: net('tanh', 3), run: 300, ...ALL_RIGHT })),
  scene('depth', 'A bend after every layer: from one to four', '每层弯一次：从一层到四层', { ...toy('spiral', 400, 0.02), init: 'lecun_normal', learning_rate: 0.01, batch_size: 64 },
    step('One layer of 8 tanh units, 200 epochs: little better than guessing.',
      '一层 8 个 tanh 单元，200 轮：比瞎猜好不了多少。', { set: net('tanh', 8), run: 200 }),
    step('Four such layers, equally long: bends of bends.',
      '叠到四层，训练一样久：弯了再弯。', { set: net('tanh', 8, 8, 8, 8), run: 200, ...right(95) }),
    step('Three relu layers do it too, with straight pieces, joined at folds.',
      '三层 ReLU 也行，边界是一段段直线，在折痕处相接。', { set: { ...net('relu', 8, 8, 8), init: 'he_normal' }, show: { foldLines: true }, run: 200 })),
  scene('regression', 'Regression: the task decides', '回归：选哪个，看任务', { features: ['x'], loss: 'squared', learning_rate: 0.03 },
    step('A smooth wave; 8 relu units draw a broken line with 8 kinks at most. A poor fit.',
      '光滑的波；8 个 ReLU 单元画折线，最多拐 8 次。不像。', { set: { ...toy('sine', 200), ...net('relu', 8), init: 'he_normal' }, run: 500 }),
    step('8 tanh units: much closer.',
      '8 个 tanh 单元：像多了。', { set: { ...toy('sine', 200), ...net('tanh', 8), ...LECUN }, run: 500 }),
    step('A price list of three straight pieces: relu is made of kinks.',
      '三段直线的价目表：ReLU 最会折。', { set: { ...toy('tariff', 200), ...net('relu', 8), init: 'he_normal' }, run: 500 }),
    step('Tanh rounds the corners: over ten times the loss. (One seed; the tour trains many.)',
      'tanh 把角磨圆，损失大十倍以上。（这里只是一个种子；unbend tour 里有许多个。）', { set: { ...toy('tariff', 200), ...net('tanh', 8), ...LECUN }, run: 500 })),
  scene('perceptron', 'How the perceptron learns: one mistake, one addition', '感知机怎样学习：错一次，加一个点', { optimizer: 'sgd', learning_rate: 0.5, batch_size: 1 },
    step('One point at a time pulls the line, hardest where the answer is wrong. (In 1958 only wrong points did.)',
      '一次一个点，把直线拉一下，错的拉得最狠。（1958 年的感知机只在答错时才动。）', { set: toy('line', 20), run: 20, ...ALL_RIGHT }),
    step('Exclusive or: each point undoes what the others did; no line fits all four.',
      '异或：每个点都把别的点拉好的又拉回来；没有一条线合适。', { set: toy('xor', 4), run: 100 }),
    step('With two tanh units to bend space, the same rule gets there.',
      '用两个 tanh 单元把空间弯过来，同样的规则就学得会。', { set: toy('xor', 4), run: 150, mend: net('tanh', 2), ...ALL_RIGHT })),
  scene('squares', 'With x² and y², a circle is a straight line', '换成 x²、y²，圆就成了直线', toy('ring', 300),
    step('A disc in a ring. A line gets little more than half right.',
      '圆盘外面套个环。直线只比蒙对一半强一点。', { run: 100 }),
    step('Take x1² and x2² as features: x² + y² = r² becomes the line u + v = r².',
      '特征换成 x1² 和 x2²：x² + y² = r² 变成直线 u + v = r²。', { run: 100, mend: { features: ['x1^2', 'x2^2'] }, ...ALL_RIGHT }),
    step('Three tanh units find coordinates of their own.',
      '三个 tanh 单元会自己找坐标。', { set: net('tanh', 3), run: 300, ...ALL_RIGHT })),
  scene('xor', 'Exclusive or: bend once, and a line is enough', '异或：弯一次，一条线就够', { ...toy('xor', 4), seed: 1 },
    step('Four points, two colours. Play: can one line part them?',
      '四个点，两种颜色。按播放：一条直线分得开吗？', { run: 100 }),
    step('No line can. Add a hidden layer of 2 tanh units.',
      '直线办不到。加一个隐藏层，2 个 tanh 单元。', { run: 150, mend: net('tanh', 2), ...ALL_RIGHT }),
    step('What happened? Drag the slider: space is turned, shifted, bent, until one line will do.',
      '发生了什么？拖动滑块：空间转一下、移一下、弯一下，一条直线就够用了。', { set: net('tanh', 2), ran: 150, ...DRAG }),
    step('That was luck: with seed 0 the same network gets stuck.',
      '刚才是运气：换成种子 0，同样的网络就卡住了。', { set: { ...net('tanh', 2), seed: 0 }, run: 300 }),
    step('Width makes luck: give it 8 units.',
      '单元多，运气就好：给它 8 个。', { set: { ...net('tanh', 2), seed: 0 }, run: 150, mend: net('tanh', 8), ...ALL_RIGHT })),
  scene('curves', 'Two curves: bend space until one line will do', '两条曲线：把空间弯到一条直线够用', toy('curves', 400),
    step('Two tanh units: the boundary becomes a curve.',
      '两个 tanh 单元：边界弯成了曲线。', { set: net('tanh', 2), run: 150, ...ALL_RIGHT }),
    step('In bent space the curve is a straight line. Drag the slider there.',
      '在弯过的空间里，曲线就是直线。把滑块拖过去。', { set: net('tanh', 2), ran: 150, ...DRAG }),
    step('Sigmoid bends too, but into the box from 0 to 1.',
      'sigmoid 也弯，不过是压进 0 到 1 的方框。', { set: net('sigmoid', 2), run: 150, ...ALL_RIGHT }),
    step('Relu folds half the plane flat. With seed 2 the folds lie well.',
      'ReLU 把半个平面折平。种子 2 折得正好。', { set: { ...net('relu', 2), seed: 2 }, run: 150, ...ALL_RIGHT }),
    step('With seed 0 both units end with slope 0 at all points: dead. See the lamp.',
      '种子 0 的两个单元在所有点上斜率都成了 0：死了。看定理灯。', { set: { ...net('relu', 2), seed: 0 }, run: 150 })),
  scene('gradients', 'Gradients: multiplied layer by layer', '梯度：一层一层相乘', { ...toy('curves', 200), optimizer: 'sgd' },
    step('Six sigmoid layers, of slope 1/4 at most. Before you play, the lamp says how little gradient reaches layer 1: it stands still.',
      '六层 sigmoid，斜率最多 1/4。播放前先看定理灯：传到第一层的梯度还剩多少？它几乎不动。', { set: net('sigmoid', ...DEEP), run: 150 }),
    step('Tanh with its own gain: the gradient arrives.',
      'tanh 用自己的增益初始化：梯度传到了。', { set: { ...net('tanh', ...DEEP), ...LECUN }, run: 150, ...ALL_RIGHT }),
    step('Relu with He’s start, ten times the learning rate: units die by the dozen.',
      'ReLU 加 He 初始化，学习率却大十倍：单元成打地死掉。', { set: { ...net('relu', ...DEEP), init: 'he_normal', learning_rate: 1, seed: 1 }, run: 150 }),
    step('Back to a learning rate of 0.1.',
      '把学习率调回 0.1。', { set: { ...net('relu', ...DEEP), init: 'he_normal', learning_rate: 1, seed: 1 }, run: 150,
        mend: { learning_rate: 0.1 }, ...right(99) })),
  scene('training', 'The film of training: first a line, then the bend', '训练的影片：先画直线，再弯空间', { ...toy('curves', 400), ...net('tanh', 2) },
    step('Watch the grid: first almost straight, then bent.',
      '盯住网格：先是几乎不弯，后来才弯。', { run: 150, ...ALL_RIGHT }),
    step('Drag the timeline back to epoch 30: almost one affine map, no better than a line.',
      '把时间轴拖回第 30 轮：近似一个仿射映射，不比直线强。', { ran: 150,
        task: { en: 'Epoch 30 or before', zh: '第 30 轮或更早' },
        done: lab => lab.frame.epoch <= 30 && lab.frames[lab.frames.length - 1].epoch > 30 })),
  scene('sweep', 'Trial and error, enough of it', '试错，但要试够', { ...toy('curves', 200), optimizer: 'sgd' },
    step('Learning rate 0.01: after 200 epochs no better than a line.',
      '学习率 0.01：200 轮之后还比不上一条直线。', { set: { ...net('tanh', 4), learning_rate: 0.01 }, run: 200 }),
    step('Three hundred times as fast: it learns.',
      '快三百倍：学会了。', { set: { ...net('tanh', 4), learning_rate: 3 }, run: 200, ...ALL_RIGHT }),
    step('Thirty times faster again: thrown about, half the points wrong.',
      '再快三十多倍：甩来甩去，错一半。', { set: { ...net('tanh', 4), learning_rate: 100 }, run: 200 }),
    step('At 10 this tanh network still learns …',
      '学习率 10，这个 tanh 网络还学得会……', { set: { ...net('tanh', 4), learning_rate: 10 }, run: 200 }),
    step('… and all four relu units are dead.',
      '……四个 ReLU 单元却全死了。', { set: { ...net('relu', 4), learning_rate: 10 }, run: 200 })),
  scene('ring', 'The ring: what depth alone cannot do', '环：有些事情，深度办不到', toy('ring', 300),
    step('A disc in a ring, two tanh units: points stay wrong.',
      '圆盘外面套着环，两个 tanh 单元：总有些点不对。', { set: net('tanh', 2), run: 300 }),
    step('Three such layers, still wrong: within the plane the inside cannot get out. The lamp has the theorem.',
      '叠到三层还是不对：离不开平面，里面的就出不来。看定理灯。', { set: net('tanh', 2, 2, 2), run: 300 }),
    step('One layer, but give it a third unit.',
      '回到一层，加第三个单元。', { set: net('tanh', 2), run: 300, mend: net('tanh', 3), ...ALL_RIGHT }),
    step('Drag the slider: the plane rises into a cap; one cut takes off its top.',
      '拖动滑块：平面鼓成帽子，一刀切下帽顶。', { set: net('tanh', 3), ran: 300, ...DRAG })),
];
