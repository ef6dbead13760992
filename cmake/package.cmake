# `cmake --install` and the Debian packages, which `cpack` makes of a build directory whose programs were built: quicklime, a CA in one process and
# every command; quicklime-cluster, the daemons and projectors of the distributed shape. For other distributions `cpack -G TGZ`: the same files. Each
# comes with its SHA-256.
#   cmake --preset release && cmake --build --preset release && (cd build/release && cpack)
include(GNUInstallDirs)
# Tests need not be there.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

set(programs "")
foreach(role ${QUICKLIME_ROLES})
  string(REPLACE "_" "-" name ${role})
  list(APPEND programs quicklime-${name} quicklime-projector-${name})
endforeach()
install(TARGETS quicklime RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT quicklime)
install(TARGETS ${programs} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT quicklime-cluster)

set(units lib/systemd/system)
install(FILES deploy/systemd/quicklime.service deploy/systemd/quicklime-renew@.service DESTINATION ${units} COMPONENT quicklime)
install(FILES deploy/systemd/quicklime@.service DESTINATION ${units} COMPONENT quicklime-cluster)
install(FILES deploy/debian/sysusers.conf DESTINATION lib/sysusers.d RENAME quicklime.conf COMPONENT quicklime)
install(FILES deploy/debian/tmpfiles.conf DESTINATION lib/tmpfiles.d RENAME quicklime.conf COMPONENT quicklime)

# Documents, compressed as Debian wants them, without a time in them.
string(TIMESTAMP date "%a, %d %b %Y 00:00:00 +0000" UTC)
configure_file(deploy/debian/changelog.in ${CMAKE_BINARY_DIR}/package/changelog @ONLY)
configure_file(CHANGELOG.md ${CMAKE_BINARY_DIR}/package/CHANGELOG.md COPYONLY)
foreach(file changelog CHANGELOG.md)
  execute_process(COMMAND gzip -9nc ${CMAKE_BINARY_DIR}/package/${file} OUTPUT_FILE ${CMAKE_BINARY_DIR}/package/${file}.gz COMMAND_ERROR_IS_FATAL ANY)
endforeach()
foreach(package quicklime quicklime-cluster)
  install(FILES deploy/debian/copyright ${CMAKE_BINARY_DIR}/package/changelog.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${package})
endforeach()
file(GLOB pages CONFIGURE_DEPENDS docs/*.md docs/openapi.yaml)
install(FILES README.md ${CMAKE_BINARY_DIR}/package/CHANGELOG.md.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/quicklime COMPONENT quicklime)
install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/quicklime/docs COMPONENT quicklime)
install(FILES deploy/systemd/api.internal.conf DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/quicklime/examples COMPONENT quicklime)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_COMPONENTS_ALL quicklime quicklime-cluster)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "Quicklime maintainers <maintainers@quicklime.dev>")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_QUICKLIME_PACKAGE_NAME quicklime)
set(CPACK_COMPONENT_QUICKLIME_DESCRIPTION
    "private certificate authority whose database is an append-only log
Issues, renews and revokes X.509 certificates for the services of one
organization, by HTTP and by a command line, and answers for them by OCSP and
CRLs. Everything that ever happened stands in one log; whatever it shows is
folded from it.

This package has every command, and a whole authority in one process.")
set(CPACK_DEBIAN_QUICKLIME_PACKAGE_DEPENDS "systemd")
set(CPACK_DEBIAN_QUICKLIME_PACKAGE_CONTROL_EXTRA
    "${CMAKE_SOURCE_DIR}/deploy/debian/postinst;${CMAKE_SOURCE_DIR}/deploy/debian/prerm;${CMAKE_SOURCE_DIR}/deploy/debian/postrm")
set(CPACK_DEBIAN_QUICKLIME-CLUSTER_PACKAGE_NAME quicklime-cluster)
set(CPACK_COMPONENT_QUICKLIME-CLUSTER_DESCRIPTION
    "private certificate authority, as daemons over Kafka and Redis
The daemon and the projector of each role of Quicklime, any number of which
serve one authority whose log is a Kafka topic and whose views are in Redis.")
set(CPACK_DEBIAN_QUICKLIME-CLUSTER_PACKAGE_DEPENDS "quicklime (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_QUICKLIME-CLUSTER_PACKAGE_CONTROL_EXTRA "${CMAKE_SOURCE_DIR}/deploy/debian/postrm")
include(CPack)
