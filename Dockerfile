# One image for the server and the simulator. Needs no BuildKit. Base images are build arguments, so that a mirror or
# an image of your own can stand in: --build-arg RUST_IMAGE=... --build-arg RUNTIME_IMAGE=...
ARG RUST_IMAGE=rust:1.95-slim-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${RUST_IMAGE} AS build
WORKDIR /build
# Dependencies first and alone: this layer is built again only when Cargo.toml or Cargo.lock change.
COPY Cargo.toml Cargo.lock ./
RUN mkdir src \
    && echo '//! Stands in for the library while its dependencies are built.' >src/lib.rs \
    && echo 'fn main() {}' >src/main.rs \
    && cargo build --release --locked \
    && rm -rf src target/release/doorlist target/release/deps/*doorlist* target/release/.fingerprint/doorlist-*
COPY action-manifests action-manifests
COPY src src
RUN cargo build --release --locked

FROM ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.title="doorlist" \
      org.opencontainers.image.description="Webhook actions for the safelist and blocklist of Cisco Secure Email Gateway" \
      org.opencontainers.image.licenses="Apache-2.0"
# The runtime image may come without certificates, and an appliance's is checked against these.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /build/target/release/doorlist /usr/local/bin/doorlist
# Nobody on the host, and nothing in the image belongs to it but the folder of the store, whose owner a new volume takes
# over: the root file system can be read-only.
RUN mkdir -p /var/lib/doorlist && chown 65532:65532 /var/lib/doorlist && chmod 0700 /var/lib/doorlist
VOLUME /var/lib/doorlist
USER 65532:65532
EXPOSE 8750
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 CMD ["doorlist", "health"]
ENTRYPOINT ["doorlist"]
CMD ["serve", "--config", "/etc/doorlist/doorlist.toml"]
