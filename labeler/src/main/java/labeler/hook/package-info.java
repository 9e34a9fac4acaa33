/**
 * The hook that libvirt calls, and its installation.
 * Nothing here knows a domain; the service reads its XML.
 */
@NullMarked
package labeler.hook;

import org.jspecify.annotations.NullMarked;
