# The everyday commands; `just` alone lists them. ./bootstrap.sh packages brings what they need.

jobs := env_var_or_default("JOBS", `nproc`)

[private]
default:
    @just --list --unsorted

# build into build/
build: (configure "build")
    ninja -C build -j {{jobs}}

# build everything and run every test
test:
    ./bootstrap.sh test

# the unit tests, or one folder's: just unit engine
unit FOLDER="": build
    meson test -C build --no-rebuild --print-errorlogs --suite unit {{ if FOLDER == "" { "" } else { "unit-" + FOLDER } }}

# the end-to-end tests, or those whose file name holds NAME: just e2e retry
e2e NAME="": build
    TASKRUN_BIN=build/taskrun TASKRUN_NASTY=build/tests/nasty python3 tests/support/run_e2e.py {{NAME}}

# 10,000 made-up days of the engine, or one of them again, told line by line: just sim 4711
sim SEED="": build
    if [ -n "{{SEED}}" ]; then build/tests/sim/sim {{SEED}}; else meson test -C build --no-rebuild --print-errorlogs --suite sim; fi

# the benchmarks of docs/performance.md
bench *ARGS: build
    python3 tests/bench/run.py {{ARGS}}

# watch a small manifest work for a few seconds
demo:
    ./bootstrap.sh demo

# lay out every source file
format:
    git ls-files '*.cc' '*.h' '*.c' | xargs clang-format-19 -i

# fail if a source file is not laid out
format-check:
    git ls-files '*.cc' '*.h' '*.c' | xargs clang-format-19 --dry-run -Werror

# clang-tidy over the sources, and the layer rules
lint: clang
    python3 tests/layers_test.py
    git ls-files 'src/*.cc' 'tasks/*.cc' | xargs -P {{jobs}} -n 4 clang-tidy-19 -p build-clang --quiet

# unit and end-to-end tests under AddressSanitizer and UndefinedBehaviorSanitizer
asan: (configure "build-asan" "-Db_sanitize=address,undefined" "-Doptimization=1")
    ninja -C build-asan -j {{jobs}}
    meson test -C build-asan --no-rebuild --print-errorlogs --suite unit --suite sim --suite e2e

# build with the second compiler and run its unit tests
clang:
    test -f build-clang/build.ninja || CC=clang-19 CXX=clang++-19 meson setup build-clang -Doptimization=1
    ninja -C build-clang -j {{jobs}}
    meson test -C build-clang --no-rebuild --print-errorlogs --suite unit

# look for inputs that break a parser: just fuzz duration (event_line, result …)
fuzz NAME SECONDS="60":
    test -f build-fuzz/build.ninja || CC=clang-19 CXX=clang++-19 meson setup build-fuzz -Doptimization=1 \
        -Db_sanitize=address,undefined -Db_lundef=false -Dcpp_args=-fsanitize=fuzzer-no-link
    ninja -C build-fuzz -j {{jobs}} tests/fuzz/fuzz-{{NAME}}
    mkdir -p build-fuzz/corpus-{{NAME}}
    build-fuzz/tests/fuzz/fuzz-{{NAME}} -max_total_time={{SECONDS}} build-fuzz/corpus-{{NAME}} tests/fuzz/corpus/{{NAME}}

# everything that must be green before a change lands
ci:
    bash .ci/run

# install to PREFIX (default /usr/local)
install PREFIX="/usr/local":
    ./bootstrap.sh install {{PREFIX}}

# remove what was built
clean:
    rm -rf build build-*

[private]
configure DIRECTORY *OPTIONS:
    test -f {{DIRECTORY}}/build.ninja || meson setup {{DIRECTORY}} {{OPTIONS}}
