# One image for operator, gateway and command:
#   docker build -t osv-faas:0.1.0 .
#   docker build -t osv-faas:0.1.0 --build-arg NODE_IMAGE=node@sha256:… .    # by digest
ARG NODE_IMAGE=node:26-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Without scripts: the one that there is would fetch the Node.js that this image has already.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY bin bin
# What the command reads at run time: definitions, rules, and the samples of `demo` and `local`.
COPY crds crds
COPY charts/osv-faas/files charts/osv-faas/files
COPY manifests manifests
# By number, so that runAsNonRoot can be checked; nothing below /app is written.
USER 1000:1000
# Gateway: requests, admin. Operator: stream of the gateways, admin.
EXPOSE 8080 8081 9090 9091
ENTRYPOINT ["node", "bin/osv-faas.js"]
