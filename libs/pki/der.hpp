#pragma once
// DER under the name by which certificates know it; the contract stands in crypto/der.hpp.

#include "crypto/der.hpp"

namespace quicklime::pki {

using crypto::append_der;
using crypto::context;
using crypto::context_constructed;
using crypto::der;
using crypto::der_bit_string;
using crypto::der_boolean_true;
using crypto::der_header;
using crypto::der_integer;
using crypto::DerReader;
using crypto::Tag;

}  // namespace quicklime::pki
