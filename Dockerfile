# The worker's image. Debian, and not Alpine: Temporal's core is built for glibc.
ARG NODE=20.20.2
ARG DEBIAN=bookworm

FROM node:${NODE}-${DEBIAN}-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
# Compiles, and bundles the workflows: a worker's start compiles nothing.
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:${NODE}-${DEBIAN}-slim
# The major of the database that is backed up: its proof is a restore into the same.
ARG POSTGRES_MAJOR=17
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates postgresql-common procps zstd \
 && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
 && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
 && apt-get install -y --no-install-recommends "postgresql-${POSTGRES_MAJOR}" \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/talos --create-home talos
ENV NODE_ENV=production \
    PG_BIN=/usr/lib/postgresql/${POSTGRES_MAJOR}/bin \
    TALOS_WORK_DIR=/var/lib/talos/work \
    TALOS_TOOL_DIR=/var/lib/talos/tools
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY database ./database
USER talos
# A new volume takes owner and mode of this folder.
RUN mkdir -p "$TALOS_WORK_DIR" "$TALOS_TOOL_DIR"
VOLUME /var/lib/talos
EXPOSE 3000
ENTRYPOINT ["node", "dist/cli.js"]
CMD ["worker", "--http"]
