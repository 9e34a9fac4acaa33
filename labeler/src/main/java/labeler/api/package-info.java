/**
 * The words of the JSON interface: records to JSON, and JSON to requests.
 * Nothing here asks the service, or answers for it.
 */
@NullMarked
package labeler.api;

import org.jspecify.annotations.NullMarked;
