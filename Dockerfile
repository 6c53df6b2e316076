# The image of one node: docker build -t coscribe .
#
# Debian's "slim" and not Alpine: libsql, which is the embedded store, is built for glibc.

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.base.json ./
COPY shared ./shared
COPY server ./server
COPY client ./client
COPY tools ./tools
COPY load ./load
COPY cli ./cli
COPY LICENSE ./
COPY scripts/build-app.mjs scripts/build-browser.mjs scripts/build-report.mjs scripts/compress.mjs ./scripts/
RUN npx tsc -b cli && node scripts/build-app.mjs && node scripts/build-browser.mjs && node scripts/build-report.mjs

FROM node:20-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# npm also installs libsql's binaries for the other C library.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/@libsql/*-musl

FROM node:20-bookworm-slim
WORKDIR /app
COPY package.json LICENSE ./
COPY deploy/healthcheck.mjs ./deploy/healthcheck.mjs
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist/shared ./dist/shared
COPY --from=build /app/dist/server ./dist/server
COPY --from=build /app/dist/public ./dist/public
COPY --from=build /app/dist/browser ./dist/browser
COPY --from=build /app/dist/client ./dist/client
COPY --from=build /app/dist/tools ./dist/tools
COPY --from=build /app/dist/load ./dist/load
COPY --from=build /app/dist/cli ./dist/cli
# Where a node that is alone keeps its documents: mount a volume here. By numbers: Kubernetes wants to see that the
# user is not root. 1000 is the user `node`.
RUN install -d -o 1000 -g 1000 /data
USER 1000:1000
# Without HOST nobody outside the container would reach it; those who do need a link, unless COSCRIBE_AUTH says otherwise.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 COSCRIBE_AUTH=links COSCRIBE_STORE=sqlite:/data/coscribe.db
EXPOSE 8080
# Alive, not ready: a node whose store is away must not be replaced for that.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "deploy/healthcheck.mjs"]
# Signals reach the server itself. It starts no processes, so that it needs no init to bury them.
STOPSIGNAL SIGTERM
# The server, unless another command follows: docker run … coscribe verify
ENTRYPOINT ["node", "dist/cli/main.js"]
