# The same family as images.yml, for `images: docker-bake.hcl`.
variable "REGISTRY" {
  default = "ghcr.io"
}

group "default" {
  targets = ["services"]
}

target "base" {
  context = "base"
  tags    = ["${REGISTRY}/acme/harbour-base"]
}

target "runtime" {
  context  = "runtime"
  contexts = { base = "target:base" }
  tags     = ["${REGISTRY}/acme/harbour-runtime"]
}

target "services" {
  name     = service
  matrix   = { service = ["tide", "berth"] }
  context  = service
  contexts = { runtime = "target:runtime" }
  tags     = ["${REGISTRY}/acme/harbour-${service}"]
}
