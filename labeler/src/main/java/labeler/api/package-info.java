/**
 * The words of the JSON interface: records to JSON, and JSON to requests. The JSON of a VM itself is
 * {@link labeler.lifecycle.VmView}; here is the rest around it.
 * Nothing here asks the service, or answers for it.
 */
@NullMarked
package labeler.api;

import org.jspecify.annotations.NullMarked;
