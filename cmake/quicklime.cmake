# Warnings, sanitizers, ccache, and the functions that every folder's CMakeLists uses.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Without these, ccache keeps nothing that was compiled with a precompiled header.
  set(ccache_settings CCACHE_SLOPPINESS=pch_defines,time_macros)
  if(QUICKLIME_FAST_BUILD)
    # A precompiled header knows its files by their bytes. Found again by what the preprocessor makes of them, which is the same after a change
    # of comments alone, it would have each header included twice.
    list(APPEND ccache_settings CCACHE_DEPEND=1)
  endif()
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env ${ccache_settings} ${CCACHE_PROGRAM})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wconversion -Werror=switch -fno-omit-frame-pointer)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
  add_link_options(-Wl,-z,relro,-z,now)
endif()
if(QUICKLIME_FAST_BUILD)
  # A source of its own may use what only it knows; inside a library compiled as one, it looks like a header to the compiler.
  add_compile_options(-Wno-subobject-linkage)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # The compiler looks for garbage from 1 GB on (128 MB otherwise): a tenth of its time, for a peak of about 1 GB.
  add_compile_options("SHELL:--param ggc-min-heapsize=1000000")
endif()
if(QUICKLIME_SANITIZE)
  add_compile_options(-fsanitize=${QUICKLIME_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${QUICKLIME_SANITIZE})
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(spdlog REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)

# quicklime_library(NAME DEPS library... PRIVATE_PACKAGES target... PUBLIC_PACKAGES target...)
#
# Every .cpp of the folder, seen by others as #include "NAME/header.hpp". DEPS are
# libraries of this repository (the line is the dependency table of the architecture);
# a package is private when no header of the library shows it.
function(quicklime_library name)
  cmake_parse_arguments(arg "" "" "DEPS;PRIVATE_PACKAGES;PUBLIC_PACKAGES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  add_library(${name} STATIC ${sources})
  cmake_path(GET CMAKE_CURRENT_SOURCE_DIR PARENT_PATH parent)
  target_include_directories(${name} PUBLIC ${parent})
  target_link_libraries(${name} PUBLIC ${arg_DEPS} ${arg_PUBLIC_PACKAGES} PRIVATE ${arg_PRIVATE_PACKAGES})
  # Most of a source's time goes into the headers that its neighbours parse as well.
  set_target_properties(${name} PROPERTIES UNITY_BUILD ${QUICKLIME_FAST_BUILD} UNITY_BUILD_BATCH_SIZE 12)
endfunction()

# quicklime_precompiled(OWNER HEADERS header... USERS target...): what OWNER and all USERS include anyway is parsed once. They
# have the same compile options and definitions.
function(quicklime_precompiled owner)
  cmake_parse_arguments(arg "" "" "HEADERS;USERS" ${ARGN})
  if(NOT QUICKLIME_FAST_BUILD)
    return()
  endif()
  if(arg_HEADERS)
    target_precompile_headers(${owner} PRIVATE ${arg_HEADERS})
  endif()
  foreach(user ${arg_USERS})
    target_precompile_headers(${user} REUSE_FROM ${owner})
  endforeach()
endfunction()

# quicklime_role(ROLE PRIVATE_PACKAGES target...): the library of a role, whose folder says in definition.cpp what it is, and its two
# programs of the distributed shape, quicklime-<role> and quicklime-projector-<role>.
function(quicklime_role role)
  quicklime_library(${role} DEPS runtime ${ARGN})
  quicklime_precompiled(runtime USERS ${role})
  string(REPLACE "_" "-" name ${role})
  foreach(program daemon projector)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/${program}.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/${program}.cpp @ONLY)
  endforeach()
  add_executable(quicklime-${name} ${CMAKE_CURRENT_BINARY_DIR}/daemon.cpp)
  add_executable(quicklime-projector-${name} ${CMAKE_CURRENT_BINARY_DIR}/projector.cpp)
  foreach(program quicklime-${name} quicklime-projector-${name})
    target_link_libraries(${program} PRIVATE ${role})
    quicklime_precompiled(runtime USERS ${program})
  endforeach()
endfunction()

# quicklime_all_in_one(TARGET role...): roles() of services/all_in_one/roles.hpp, for the program that runs them all.
function(quicklime_all_in_one target)
  set(includes "")
  set(definitions "")
  foreach(role ${ARGN})
    string(APPEND includes "#include \"${role}/definition.hpp\"\n")
    list(APPEND definitions "${role}::definition()")
  endforeach()
  list(JOIN definitions ", " definitions)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/roles.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/${target}_roles.cpp @ONLY)
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${target}_roles.cpp)
  target_link_libraries(${target} PRIVATE all_in_one ${ARGN})
endfunction()

# quicklime_test(NAME DIRECTORY DEPS library... PROPERTIES name value...): every .cpp of DIRECTORY in one program;
# the properties are those of each of its cases in CTest.
function(quicklime_test name directory)
  cmake_parse_arguments(arg "" "" "DEPS;PROPERTIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${directory}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  add_dependencies(test_programs ${name})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} test_support GTest::gtest_main GTest::gmock)
  target_compile_options(${name} PRIVATE -O0 -U_FORTIFY_SOURCE)  # a test waits for the compiler, not the other way round
  target_compile_definitions(${name} PRIVATE QUICKLIME_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  set_target_properties(${name} PROPERTIES UNITY_BUILD ${QUICKLIME_FAST_BUILD} UNITY_BUILD_BATCH_SIZE 8)
  quicklime_precompiled(test_support USERS ${name})
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300 LABELS ${name} ${arg_PROPERTIES})
endfunction()
