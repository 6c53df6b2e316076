import type { OptionHelp } from '../../tools/command-line/option-help.js';
import type { ProtocolName, TypingPlan } from '../plan.js';
import type { FaultKind } from '../result.js';

export const PROTOCOLS = [
  'coscribe',
  'y-websocket',
  'hocuspocus',
  'y-socket.io',
] as const satisfies readonly ProtocolName[];
export const MODELS = ['keys', 'steady', 'trace'] as const satisfies readonly TypingPlan['model'][];
export const FAULTS = ['kill', 'stop', 'redis', 'store', 'cut'] as const satisfies readonly FaultKind[];

/** Where the report goes if nobody says where. */
export const REPORT_FILE = 'coscribe-load.html';

/** Every option of `coscribe load`, in the order in which people read about them. */
export const OPTIONS = [
  { name: 'nodes', value: 'N', help: 'Starts a cluster of its own: PostgreSQL, Redis and N nodes, 1 to 32.' },
  {
    name: 'proxy',
    help: 'Puts HAProxy in front of the nodes of --nodes. Without it clients choose their node by turns.',
  },
  {
    name: 'start',
    value: 'COMMAND',
    help: 'Starts this program as the node, or as each of --nodes: sh runs "exec COMMAND" with PORT, HOST, COSCRIBE_STORE, COSCRIBE_REDIS_URL and COSCRIBE_NODE_NAME set.',
  },
  {
    name: 'protocol',
    value: 'NAME',
    choices: PROTOCOLS,
    help: 'Whose protocol the clients speak: coscribe, or for comparison that of another Yjs server. Default: coscribe.',
  },
  { name: 'docs', value: 'N', help: 'How many documents. Default: 10.' },
  {
    name: 'clients',
    value: 'N',
    help: 'How many clients in all, spread evenly. Default: 5 for each document.',
  },
  {
    name: 'typists',
    value: 'SHARE',
    help: 'How many of the clients type: 50%, or a number. Default: 50%; all of them with --find.',
  },
  {
    name: 'model',
    value: 'NAME',
    choices: MODELS,
    help: 'How they type. keys: words in bursts, with pauses, mistakes, deletes and pastes, as people do; steady: one character at even intervals; trace: what --trace recorded. Default: keys.',
  },
  {
    name: 'trace',
    value: 'FILE',
    help: 'A recorded session, as coscribe replay takes it: every typist types what is in it.',
  },
  {
    name: 'rate',
    value: 'N',
    help: 'Characters a second that a typist types on average, pauses included. Default: 3.',
  },
  { name: 'think', value: 'TIME', help: 'Rest that a typist takes between bursts, on average. Default: 0s.' },
  {
    name: 'max-characters',
    value: 'N',
    help: 'Length of a typist’s text from which on he deletes as much as he writes. Default: 2000.',
  },
  {
    name: 'churn',
    value: 'RATE',
    help: 'How many clients leave, each replaced by a new one: 2/s, 30/min. Default: 0.',
  },
  {
    name: 'offline',
    value: 'SPELLS',
    help: 'How often a minute a client loses its network, and for how long, while it types on: 0.5x5s. Default: never.',
  },
  {
    name: 'presence',
    value: 'RATE',
    help: 'How often each client’s caret moves, which the others are shown: 1/s. Default: 0.',
  },
  {
    name: 'arrive',
    value: 'RATE',
    help: 'How the clients come: so many a second (50/s), or all within a time (20s). Default: 100/s.',
  },
  {
    name: 'warm-up',
    value: 'TIME',
    help: 'Typing before anything is measured; servers take a while until their code is compiled. Default: 5s.',
  },
  { name: 'duration', value: 'TIME', help: 'What is measured: 30s, 10m, 2h. Default: 30s. Not with --find.' },
  {
    name: 'find',
    value: 'OBJECTIVE',
    help: 'Looks for the most typists at which the objective holds, such as "p99<250ms", "ack-p99<100ms", "shown-p95<1s" or "errors<1%", instead of measuring for a time. p99 alone means the slower of acknowledged and shown.',
  },
  { name: 'from', value: 'N', help: 'Typists that --find begins with. Default: 1 in 32 of them.' },
  { name: 'step', value: 'FACTOR', help: 'By how much --find grows until the objective breaks. Default: 2.' },
  { name: 'level', value: 'TIME', help: 'How long --find looks at one number of typists. Default: 10s.' },
  {
    name: 'slo',
    value: 'OBJECTIVE',
    multiple: true,
    help: 'An objective that must hold over the measured time, as --find takes it, or the exit code is 1. May be given several times.',
  },
  {
    name: 'chaos',
    value: 'FAULTS',
    help: 'Breaks what it has started while everybody types: kill (kill -9 of a node), stop (restart in order), redis, store (they go away for a while), cut (a node’s connections stall), with commas, each with its rate if you like: kill=2/min,redis.',
  },
  {
    name: 'every',
    value: 'TIME',
    help: 'How often one of the --chaos without a rate of its own happens. Default: 20s.',
  },
  {
    name: 'settle-timeout',
    value: 'TIME',
    help: 'How long it may take at the end until everybody has everything. Default: 30s.',
  },
  {
    name: 'lost-after',
    value: 'TIME',
    help: 'With nobody connected for so long it gives up: the servers are gone. Default: 30s.',
  },
  {
    name: 'processes',
    value: 'N',
    help: 'Processes that play the clients, 1 to 64. Default: one for each core but one.',
  },
  { name: 'workspace', value: 'NAME', help: 'Where the documents are made: NAME/… Default: load.' },
  {
    name: 'token',
    value: 'TOKEN',
    help: 'Token of the clients, for servers that ask for one; or COSCRIBE_TOKEN in the environment. With a claim "operator" it also opens /metrics.',
  },
  {
    name: 'seed',
    value: 'N',
    help: 'Decides who types what and when. By default chance does, and it is told.',
  },
  {
    name: 'report',
    value: 'FILE',
    help: `Writes the report, one HTML file; without a name ${REPORT_FILE}, and so on a terminal by default. none: no report.`,
  },
  {
    name: 'json',
    value: 'FILE',
    optional: true,
    help: 'Writes the result as JSON to a file, or without a name (or with -) to standard output, where nothing else is written then.',
  },
] as const satisfies readonly OptionHelp[];
