const { once } = require('node:events');

/** Serves documents beside an HTTP server, writes as one person and reads as another, before and after a restart. */
exports.writeAndReadBack = async ({ createServer, CoscribeProvider, createCoscribe, DEFAULT_TEXT, Y }) => {
  const store = `sqlite:${process.argv[2]}`;
  const texts = [];
  for (const addition of ['Saved', ' is true']) {
    const coscribe = await createCoscribe({ store });
    const http = createServer(coscribe.middleware);
    coscribe.attach(http);
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${http.address().port}`;

    const writer = new CoscribeProvider({ document: 'acme/notes', url, doc: new Y.Doc() });
    await settled(writer);
    const text = writer.doc.getText(DEFAULT_TEXT);
    text.insert(text.length, addition);
    await settled(writer);
    const reader = new CoscribeProvider({ document: 'acme/notes', url });
    await settled(reader);
    texts.push(reader.doc.getText(DEFAULT_TEXT).toString());
    // The two formats of Yjs do not take each other's documents.
    if (!(reader.doc instanceof Y.Doc)) throw new Error('there are two copies of Yjs');

    writer.destroy();
    reader.destroy();
    await coscribe.stop();
    http.close();
  }
  console.log(JSON.stringify(texts));
};

/** Fulfils when the provider has everything and everything of its own is on the server's disk. */
function settled(provider) {
  return new Promise((resolve) => {
    const look = () => {
      if (!provider.synced || provider.unsavedChanges > 0) return;
      provider.off('change', look);
      resolve();
    };
    provider.on('change', look);
    look();
  });
}
