/** Settings and data made to fit together, and the network they describe. */
import { activation } from './activations.js';
import { FEATURES } from './data.js';
import { makeNetwork } from './net.js';

/** The losses of each task, the usual one first. @type {Record<import('./types').Task, import('./types').Loss[]>} */
export const LOSSES = { binary: ['binary_cross_entropy'], multiclass: ['cross_entropy'], regression: ['squared', 'huber'] };
/** @type {Record<import('./types').Task, import('./types').Link>} */
export const LINKS = { binary: 'sigmoid', multiclass: 'softmax', regression: 'identity' };
export const OPTIMIZERS = ['sgd', 'adam', 'adamw', 'rmsprop'];

/** The names of all features that data has. @param {import('./types').Data} data */
export function featuresOf(data) {
  return data.d > 2 ? data.feature_names : FEATURES[data.d];
}

/**
 * Settings that fit together: as many activations as layers, features that the data has, the loss of its task.
 * @param {import('./types').Settings} settings
 * @param {import('./types').Data} data
 * @returns {import('./types').Settings}
 */
export function fitting(settings, data) {
  const known = featuresOf(data);
  const features = known.filter(name => settings.features.includes(name));
  const last = settings.activations[settings.activations.length - 1] ?? 'tanh';
  const fits = LOSSES[data.task].includes(settings.loss);
  return {
    ...settings,
    features: features.length ? features : data.d > 2 ? known : known.slice(0, data.d),
    activations: settings.hidden.map((_, layer) => settings.activations[layer] ?? last),
    loss: fits ? settings.loss : LOSSES[data.task][0],
  };
}

/** @param {import('./types').Settings} settings @param {import('./types').Data} data */
export function networkOf(settings, data) {
  const outputs = data.task === 'multiclass' ? data.class_names.length : 1;
  const widths = [settings.features.length, ...settings.hidden, outputs];
  return makeNetwork(widths, settings.activations.map(activation), LINKS[data.task]);
}
