# One image for the collector and the agent: the sources as they are, run by the image's own Node.
# The `node` package of package.json is a development dependency and is not installed here.
FROM node:24.21.0-slim

# What the ICMP prober calls. Its file capability asks for CAP_NET_RAW: see the agent in docker-compose.yml.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends iputils-ping \
  && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

COPY src ./src
COPY probes ./probes
COPY dashboards/compose ./dashboards/compose

# A new named volume takes over the owner of the folder that it is mounted on.
RUN mkdir -p /data /run/sambung/grafana /run/sambung/agent \
  && chown node:node /data /run/sambung/grafana /run/sambung/agent

USER node
ENV NODE_ENV=production
EXPOSE 8080
CMD ["node", "src/main.ts", "start"]
