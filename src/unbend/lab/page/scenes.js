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

/** @param {string} name @param {number} n @param {number} [noise] */
const toy = (name, n, noise = 0) => ({ data: { name, n, noise, seed: 0, test: 0 } });

/** @param {string} activation @param {...number} hidden */
const net = (activation, ...hidden) => ({ hidden, activations: hidden.map(() => activation) });

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

/** @param {import('./types').Lab} lab */
const allRight = lab => lab.frame.metric === 1;

const ALL_RIGHT = { en: '100 % right', zh: '全部分对' };
const DRAG = {
  show: { bend: 0 }, task: { en: 'Slider at its end', zh: '把滑块拖到底' },
  /** @param {import('./types').Lab} lab */
  done: lab => lab.view.bend !== null && lab.view.bend >= lab.settings.hidden.length,
};

/** @type {Scene[]} */
export const SCENES = [
  {
    name: 'line', title: { en: 'A perceptron draws one line', zh: '一个感知机，一条直线' }, set: toy('line', 200),
    steps: [
      { text: { en: 'One unit, three numbers: two weights turn the line, the bias shifts it. Press play: training moves it.',
        zh: '一个单元，三个数：两个权重定方向，偏置定位置。按播放，训练就是挪这条直线。' }, run: 100, task: ALL_RIGHT, done: allRight },
      { text: { en: 'Two moons. Play, and wait as long as you like: the line turns and shifts, but it stays straight.',
        zh: '两弯月牙。按播放，等多久都行：直线会转、会移，就是不会弯。' }, set: toy('moons', 200, 0.1), run: 200 },
      { text: { en: 'Now something that bends: a hidden layer of 3 tanh units. Play again.', zh: '加点会弯的：一个隐藏层，3 个 tanh 单元。再按播放。' },
        set: toy('moons', 200, 0.1), run: 300, mend: net('tanh', 3), task: { en: '99 % right', zh: '分对 99%' },
        done: lab => lab.frame.metric >= 0.99 },
    ],
  },
  {
    name: 'affine', title: { en: 'Without an activation, deep is not deep', zh: '没有激活函数，再深也只是一层' },
    set: { ...toy('curves', 200), ...net('identity', 8, 8, 8, 8) },
    steps: [
      { text: { en: 'Five layers, 249 numbers, no activation. Play: the boundary is one straight line, and cuts both curves.',
        zh: '五层，249 个参数，没有激活函数。按播放：边界只是一条直线，两条曲线都被它切断。' }, run: 100 },
      { text: { en: 'Drag the bend slider: space is turned, stretched, flattened, never bent. The lamp shows the one matrix that all five layers are.',
        zh: '拖动弯曲滑块：空间会转、会拉长、会压扁，就是不弯。定理灯写出了五层合成的那一个矩阵。' }, ran: 150, ...DRAG },
      { text: { en: 'Change the activation to tanh, nothing else, and play.', zh: '只把激活函数换成 tanh，再按播放。' },
        run: 100, mend: net('tanh', 8, 8, 8, 8), task: ALL_RIGHT, done: allRight },
    ],
  },
  {
    name: 'pieces', title: { en: 'Step activations: a circle out of straight pieces', zh: '阶跃激活：用直线段拼一个圆' }, set: toy('ring', 300),
    steps: [
      { text: { en: 'Three threshold units, placed by hand: three straight cuts, a triangle around the disc. Its corners take in some of the ring.',
        zh: '手工放好三个阈值单元：三刀切出一个三角形，围住圆盘，尖角却伸进了环里。' }, set: net('step', 3), weights: polygon },
      { text: { en: 'Six cuts make a hexagon, and every point is right. More cuts are rounder; a circle it never is.',
        zh: '六刀切出六边形，全部分对。刀数越多越圆，但永远不是圆。' }, set: net('step', 6), weights: polygon, task: ALL_RIGHT, done: allRight },
      { text: { en: 'Play. The six lines do not move: the slope of a step is 0, so no gradient reaches them.',
        zh: '按播放。六条线纹丝不动：阶跃的斜率是 0，梯度传不到它们。' }, set: net('step', 6), weights: polygon, run: 50 },
      { text: { en: 'Three tanh units instead. They bend smoothly, and they can learn.', zh: '换成三个 tanh 单元：弯得平滑，而且学得动。' },
        set: net('tanh', 3), run: 300, task: ALL_RIGHT, done: allRight },
    ],
  },
  {
    name: 'depth', title: { en: 'A bend after every layer: from one to four', zh: '每层弯一次：从一层到四层' },
    set: { ...toy('spiral', 400, 0.02), init: 'lecun_normal', learning_rate: 0.01, batch_size: 64 },
    steps: [
      { text: { en: 'Two spirals, one layer of 8 tanh units, 200 epochs: little better than guessing.',
        zh: '两条螺线，一层 8 个 tanh 单元，训练 200 轮：比瞎猜好不了多少。' }, set: net('tanh', 8), run: 200 },
      { text: { en: 'Four such layers, the same 200 epochs: bends of bends.', zh: '叠到四层，同样 200 轮：弯了再弯。' },
        set: net('tanh', 8, 8, 8, 8), run: 200, task: { en: '95 % right', zh: '分对 95%' }, done: lab => lab.frame.metric >= 0.95 },
      { text: { en: 'Relu can do it too, with three layers. Its boundary is not smooth: straight pieces, joined at folds.',
        zh: 'ReLU 也行，三层就够。它的边界不光滑：一段段直线，在折痕处相接。' },
        set: { ...net('relu', 8, 8, 8), init: 'he_normal' }, show: { foldLines: true }, run: 200 },
    ],
  },
  {
    name: 'regression', title: { en: 'Regression: the task decides', zh: '回归：选哪个，看任务' },
    set: { features: ['x1'], loss: 'squared', learning_rate: 0.03 },
    steps: [
      { text: { en: 'A smooth wave and 8 relu units: a broken line with 8 kinks at most. Play: after 500 epochs the fit is poor.',
        zh: '一段光滑的波，8 个 ReLU 单元：折线最多拐 8 次。按播放，500 轮之后仍不像。' },
        set: { ...toy('sine', 200), ...net('relu', 8), init: 'he_normal' }, run: 500 },
      { text: { en: '8 tanh units, the same wave: much closer.', zh: '同一段波，换 8 个 tanh 单元：像多了。' },
        set: { ...toy('sine', 200), ...net('tanh', 8), init: 'lecun_normal', gain: 'exact' }, run: 500 },
      { text: { en: 'A price list of three straight pieces: kinks are what relu is made of.', zh: '一张由三段直线组成的价目表：折，正是 ReLU 的拿手好戏。' },
        set: { ...toy('tariff', 200), ...net('relu', 8), init: 'he_normal' }, run: 500 },
      { text: { en: 'Tanh has to round the two corners: its loss is over ten times as large. (One seed; the tour trains many.)',
        zh: 'tanh 只能把两个角磨圆，损失大十倍以上。（这只是一个种子，导览里有许多。）' },
        set: { ...toy('tariff', 200), ...net('tanh', 8), init: 'lecun_normal', gain: 'exact' }, run: 500 },
    ],
  },
  {
    name: 'perceptron', title: { en: 'How the perceptron learns: one mistake, one addition', zh: '感知机怎样学习：错一次，加一个点' },
    set: { optimizer: 'sgd', learning_rate: 0.5, batch_size: 1 },
    steps: [
      { text: { en: 'A batch is one point. Step: the point pulls the line, hardest where the answer is wrong. (The perceptron of 1958 moved for wrong points only.)',
        zh: '一批只有一个点。按单步：这个点把直线拉一下，错得越多拉得越狠。（1958 年的感知机只在答错时才动。）' },
        set: toy('line', 20), run: 20, task: ALL_RIGHT, done: allRight },
      { text: { en: 'Exclusive or: each point undoes what the others did. The line swings and never settles, for there is none to find.',
        zh: '异或：每个点都把别的点拉好的又拉回来。直线来回摆，停不下来，因为根本没有那样一条线。' }, set: toy('xor', 4), run: 100 },
      { text: { en: 'Bend space first, with two tanh units; then the same rule gets there.', zh: '先用两个 tanh 单元把空间弯过来，同样的规则就学得会。' },
        set: toy('xor', 4), run: 150, mend: net('tanh', 2), task: ALL_RIGHT, done: allRight },
    ],
  },
  {
    name: 'squares', title: { en: 'With x² and y², a circle is a straight line', zh: '换成 x²、y²，圆就成了直线' }, set: toy('ring', 300),
    steps: [
      { text: { en: 'A disc in a ring. One line gets little more than half of it right.', zh: '圆盘外面套个环。一条直线只比蒙对一半强一点。' }, run: 100 },
      { text: { en: 'Take x1² and x2² as features. x² + y² = r² is then u + v = r²: a straight line.', zh: '特征换成 x1² 和 x2²。x² + y² = r² 变成 u + v = r²，就是直线。' },
        run: 100, mend: { features: ['x1^2', 'x2^2'] }, task: ALL_RIGHT, done: allRight },
      { text: { en: 'We found the squares by looking. Three tanh units find coordinates of their own.', zh: '平方是人看图想出来的。三个 tanh 单元会自己找坐标。' },
        set: net('tanh', 3), run: 300, task: ALL_RIGHT, done: allRight },
    ],
  },
  {
    name: 'xor', title: { en: 'Exclusive or: bend once, and a line is enough', zh: '异或：弯一次，一条线就够' }, set: { ...toy('xor', 4), seed: 1 },
    steps: [
      { text: { en: 'Four points, two colours. Press play: can one straight line part them?', zh: '四个点，两种颜色。按播放：一条直线分得开吗？' }, run: 100 },
      { text: { en: 'No line can. Add a hidden layer of 2 tanh units, and play.', zh: '直线办不到。加一个隐藏层，2 个 tanh 单元，再按播放。' },
        run: 150, mend: net('tanh', 2), task: ALL_RIGHT, done: allRight },
      { text: { en: 'What happened? Drag the slider: space is turned, shifted, bent, until one straight line will do.',
        zh: '发生了什么？拖动滑块：空间转一下、移一下、弯一下，一条直线就够用了。' }, set: net('tanh', 2), ran: 150, ...DRAG },
      { text: { en: 'That was luck: with seed 0 the same network gets stuck. Play, and see.', zh: '刚才是运气：换成种子 0，同样的网络就卡住了。按播放看看。' },
        set: { ...net('tanh', 2), seed: 0 }, run: 300 },
      { text: { en: 'Width makes luck: give it 8 units.', zh: '单元多，运气就好：给它 8 个。' },
        set: { ...net('tanh', 2), seed: 0 }, run: 150, mend: net('tanh', 8), task: ALL_RIGHT, done: allRight },
    ],
  },
  {
    name: 'curves', title: { en: 'Two curves: bend space until one line will do', zh: '两条曲线：把空间弯到一条直线够用' },
    set: toy('curves', 400),
    steps: [
      { text: { en: 'Two tanh units. Play: the boundary becomes a curve.', zh: '两个 tanh 单元。按播放：边界弯成了曲线。' },
        set: net('tanh', 2), run: 150, task: ALL_RIGHT, done: allRight },
      { text: { en: 'In the bent space that curve is one straight line. Drag the slider there.', zh: '在弯过的空间里，那条曲线就是一条直线。把滑块拖过去看。' }, set: net('tanh', 2), ran: 150, ...DRAG },
      { text: { en: 'Sigmoid bends too, but into the box from 0 to 1.', zh: 'sigmoid 也弯，不过是压进 0 到 1 的方框。' },
        set: net('sigmoid', 2), run: 150, task: ALL_RIGHT, done: allRight },
      { text: { en: 'Relu folds half the plane flat. With seed 2 the folds lie well.', zh: 'ReLU 把半个平面折平。种子 2 折得正好。' },
        set: { ...net('relu', 2), seed: 2 }, run: 150, task: ALL_RIGHT, done: allRight },
      { text: { en: 'With seed 0 both units fold all points flat: slope 0, dead. The lamp names them; nothing brings them back.',
        zh: '种子 0 把所有的点都折平了：斜率为 0，两个单元都死了，再也救不回来。看定理灯。' },
        set: { ...net('relu', 2), seed: 0 }, run: 150 },
    ],
  },
  {
    name: 'gradients', title: { en: 'Gradients: multiplied layer by layer', zh: '梯度：一层一层相乘' },
    set: { ...toy('curves', 200), optimizer: 'sgd' },
    steps: [
      { text: { en: 'Eight sigmoid layers. Each lets at most a quarter of the gradient through: in the lamp, see how little reaches layer 1. Play: it stands still.',
        zh: '八层 sigmoid，每层最多放过四分之一的梯度。看定理灯：传到第一层还剩多少。按播放，它几乎不动。' },
        set: net('sigmoid', 8, 8, 8, 8, 8, 8, 8, 8), run: 150 },
      { text: { en: 'Tanh, started with its own gain: the gradient arrives.', zh: '换成 tanh，用它自己的增益初始化：梯度传到了。' },
        set: { ...net('tanh', 8, 8, 8, 8, 8, 8, 8, 8), init: 'lecun_normal', gain: 'exact' }, run: 150, task: ALL_RIGHT, done: allRight },
      { text: { en: 'Relu with He’s start, but ten times the learning rate: units die by the dozen.', zh: 'ReLU 加 He 初始化，学习率却大了十倍：单元成打地死掉。' },
        set: { ...net('relu', 8, 8, 8, 8, 8, 8, 8, 8), init: 'he_normal', learning_rate: 1, seed: 1 }, run: 150 },
      { text: { en: 'Back to a learning rate of 0.1.', zh: '把学习率调回 0.1。' },
        set: { ...net('relu', 8, 8, 8, 8, 8, 8, 8, 8), init: 'he_normal', learning_rate: 1, seed: 1 }, run: 150,
        mend: { learning_rate: 0.1 }, task: { en: '99 % right', zh: '分对 99%' }, done: lab => lab.frame.metric >= 0.99 },
    ],
  },
  {
    name: 'training', title: { en: 'The film of training: first a line, then the bend', zh: '训练的影片：先画直线，再弯空间' },
    set: { ...toy('curves', 400), ...net('tanh', 2) },
    steps: [
      { text: { en: 'Play 150 epochs and watch the grid: first almost straight, then bent.', zh: '播放 150 轮，盯住网格：先是几乎不弯，后来才弯。' }, run: 150, task: ALL_RIGHT, done: allRight },
      { text: { en: 'Drag the timeline back to epoch 30: the network is still almost one affine map, and no better than a line.',
        zh: '把时间轴拖回第 30 轮：网络还近似一个仿射映射，成绩不超过一条直线。' }, ran: 150,
        task: { en: 'Epoch 30 or before', zh: '第 30 轮或更早' },
        done: lab => lab.frame.epoch <= 30 && lab.frames[lab.frames.length - 1].epoch > 30 },
    ],
  },
  {
    name: 'sweep', title: { en: 'Trial and error, enough of it', zh: '试错，但要试够' },
    set: { ...toy('curves', 200), optimizer: 'sgd' },
    steps: [
      { text: { en: 'Learning rate 0.01: after 200 epochs no better than a straight line.', zh: '学习率 0.01：200 轮之后还比不上一条直线。' }, set: { ...net('tanh', 4), learning_rate: 0.01 }, run: 200 },
      { text: { en: 'Three hundred times as fast: it learns.', zh: '快三百倍：学会了。' }, set: { ...net('tanh', 4), learning_rate: 3 }, run: 200, task: ALL_RIGHT, done: allRight },
      { text: { en: 'Thirty times faster again: thrown about, half the points wrong.', zh: '再快三十多倍：甩来甩去，错一半。' }, set: { ...net('tanh', 4), learning_rate: 100 }, run: 200 },
      { text: { en: 'The window depends on the activation: at 10 this tanh still learns …', zh: '窗口随激活函数而变：学习率 10，tanh 还学得会……' }, set: { ...net('tanh', 4), learning_rate: 10 }, run: 200 },
      { text: { en: '… and all four relu units are dead.', zh: '……四个 ReLU 单元却全死了。' }, set: { ...net('relu', 4), learning_rate: 10 }, run: 200 },
    ],
  },
  {
    name: 'ring', title: { en: 'The ring: what depth alone cannot do', zh: '环：有些事情，深度办不到' }, set: toy('ring', 300),
    steps: [
      { text: { en: 'A disc inside a ring, two tanh units. Play: some points stay wrong.', zh: '圆盘外面套着环，两个 tanh 单元。按播放：总有些点不对。' }, set: net('tanh', 2), run: 300 },
      { text: { en: 'Three such layers. Deeper, and still wrong: what never leaves the plane cannot get the inside out. The lamp has the theorem.',
        zh: '叠到三层，还是不对：离不开平面，里面的就出不来。看定理灯。' }, set: net('tanh', 2, 2, 2), run: 300 },
      { text: { en: 'One layer, but give it a third unit. Play.', zh: '回到一层，加第三个单元。按播放。' },
        set: net('tanh', 2), run: 300, mend: net('tanh', 3), task: ALL_RIGHT, done: allRight },
      { text: { en: 'Drag the slider: the plane rises into a cap, and one straight cut takes off its top.', zh: '拖动滑块：平面鼓成帽子，一刀切下帽顶。' }, set: net('tanh', 3), ran: 300, ...DRAG },
    ],
  },
];
