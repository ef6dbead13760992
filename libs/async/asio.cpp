// The compiled half of Boost.Asio: BOOST_ASIO_SEPARATE_COMPILATION keeps it out of every other source.
#include <boost/asio/impl/src.hpp>
