function toCommonJs(parser) {
  return [
    '@swc/jest',
    { jsc: { parser, target: 'es2022' }, module: { type: 'commonjs' }, sourceMaps: 'inline' },
  ];
}

/** Sources are compiled to CommonJS for jest, so that `yjs` is loaded once for them and for its companions. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: [],
  resolver: '<rootDir>/tests/support/resolve.cjs',
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': toCommonJs({ syntax: 'typescript' }),
    'node_modules/(jose|@opentelemetry/otlp-exporter-base)/.+\\.js$': toCommonJs({ syntax: 'ecmascript' }),
  },
  // Published as ES modules only; the other one loads Node's modules by `import()`, which jest does not know.
  transformIgnorePatterns: ['/node_modules/(?!(jose|@opentelemetry/otlp-exporter-base)/)'],
  setupFiles: ['<rootDir>/tests/support/busy-machine.cjs'],
  testSequencer: '<rootDir>/tests/support/longest-first.cjs',
  maxWorkers: 2,
  // It only ends what hangs: see tests/support/patience.ts.
  testTimeout: 300_000,
  // One line a file, also when only one file runs; what failed is told at length.
  verbose: false,
};
