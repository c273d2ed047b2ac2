# Every image, built the same on a laptop and in .github/workflows/images.yml:
#
#   SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) docker buildx bake --set '*.output=type=oci,dest=images.tar' gateway
#
# The same commit gives the same digest: packages come from locks, files bear the commit's time, bytecode the hash of
# its source, and the core is compiled without a path of the machine. What attests an image is attached to it
# afterwards, signed, instead of being made a part of it by BuildKit, for then no two builds would agree.

variable "SERVICES" { default = ["gateway", "ledger", "matching"] }
variable "REGISTRY" { default = "localhost" }
variable "REVISION" { default = "" }
variable "SOURCE_DATE_EPOCH" { default = "0" }

group "default" { targets = SERVICES }

target "common" {
  platforms = ["linux/amd64"]
  args      = { SOURCE_DATE_EPOCH = SOURCE_DATE_EPOCH }
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# The stages of images/Dockerfile, by name.
target "stage" {
  name       = stage
  matrix     = { stage = ["install", "runtime", "rust"] }
  inherits   = ["common"]
  dockerfile = "images/Dockerfile"
  target     = stage
}

target "service" {
  name       = service
  matrix     = { service = SERVICES }
  inherits   = ["common"]
  dockerfile = "services/${service}/Dockerfile"
  contexts   = { install = "target:install", runtime = "target:runtime", rust = "target:rust" }
  tags       = ["${REGISTRY}/valletta/${service}:${notequal("", REVISION) ? REVISION : "dev"}"]
  labels     = {
    "org.opencontainers.image.title"    = "valletta/${service}"
    "org.opencontainers.image.revision" = REVISION
    "org.opencontainers.image.licenses" = "Apache-2.0"
  }
  output = ["type=image,rewrite-timestamp=true,oci-mediatypes=true,compression=gzip,force-compression=true"]
}
