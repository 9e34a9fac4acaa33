/**
 * Reads libvirt's own files on this host: what domains refer to (pools, firmware, settings), and the levels they keep.
 * Nothing here writes one, or asks libvirt.
 */
@NullMarked
package labeler.libvirt;

import org.jspecify.annotations.NullMarked;
