import { readArguments } from '../../tools/command-line/read-arguments.js';
import { checkWorkspace, HOME_OPTIONS, openHome } from '../archive/home-options.js';
import type { Command, OptionHelp } from '../command.js';

const OPTIONS = [
  ...HOME_OPTIONS,
  { name: 'force', help: 'Replace the file if it is there.' },
] as const satisfies readonly OptionHelp[];

export const exporting: Command = {
  name: 'export',
  summary: 'Take a workspace along: all its documents as one zip archive.',
  synopsis: '(--url URL | --store STORE) [options] WORKSPACE [FILE]',
  description: `Writes all documents of a workspace that one may read into one zip archive: of each its whole state, and what people read of it (Markdown or JSON). FILE is WORKSPACE.zip if it is not named; - stands for standard output.

An archive is for taking documents elsewhere. Links, who wrote what, and deleted documents are not in it: for all that, make a backup of the store.

The file is written whole or not at all, and for whoever runs the command alone (mode 0600).`,
  options: OPTIONS,
  examples: [
    { line: 'coscribe export --url http://localhost:8080 acme', does: 'writes acme.zip' },
    {
      line: 'coscribe export --store sqlite:data/coscribe.db acme - | ssh host "cat > acme.zip"',
      does: 'while no server runs',
    },
  ],
  exitCodes: {
    1: 'some documents could not be read; the others are in the archive. Or the workspace has none: then nothing is written',
    130: 'interrupted',
  },
  async run(argv, io) {
    const { values, operands } = readArguments(OPTIONS, argv, { name: 'WORKSPACE', min: 1, max: 2 });
    const workspace = checkWorkspace(operands[0] ?? '');
    const file = operands[1] ?? `${workspace}.zip`;
    const { stdout, stderr } = io;
    const { isEmpty, writeArchive } = await import('../archive/write-archive.js');
    const home = await openHome(values, { links: false, mayCreate: false }, io);
    try {
      const archive = await home.export(workspace);
      const written = await writeArchive(archive, file, { replace: values.force, io });
      if (isEmpty(written)) {
        const mine = values.url === undefined ? '' : ' that you may read';
        stderr.write(`The workspace ${workspace} has no documents${mine}; nothing was written.\n`);
        return 1;
      }
      const { documents, lacking, bytes } = written;
      if (file !== '-')
        stdout.write(`${file}: ${documents} document${documents === 1 ? '' : 's'}, ${bytes} bytes\n`);
      for (const { name, error } of lacking)
        stderr.write(`${workspace}/${name} could not be read (${error}).\n`);
      return lacking.length > 0 ? 1 : 0;
    } finally {
      await home.close();
    }
  },
};
