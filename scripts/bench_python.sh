# Sourced by the benchmarks: sets $python to one that has the packages of the peers.
#
#   . scripts/bench_python.sh
#   bench_python NAME PACKAGE...
#
# They are installed once into an environment of their own, .build/bench/NAME.
# RAGD_BENCH_PYTHON names a Python that has them already. Torch is by far the largest, for it comes with
# libraries for graphics processors; pip's own PIP_CONSTRAINT can ask for another build of it.

# Imports leave nothing beside the sources.
export PYTHONDONTWRITEBYTECODE=1

bench_python() {
    local environment=.build/bench/$1
    shift
    python=${RAGD_BENCH_PYTHON:-$environment/bin/python}
    if [ -n "${RAGD_BENCH_PYTHON:-}" ] || [ -f "$environment/complete" ]; then
        return 0
    fi
    scripts/setup.sh python3-venv python3-dev g++
    echo "bench: installing $* into $environment, once"
    python3 -m venv "$environment"
    "$python" -m pip install --quiet --disable-pip-version-check "$@"
    touch "$environment/complete"
}
