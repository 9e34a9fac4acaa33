/**
 * The script that libvirt calls, and its installation.
 * Nothing here knows a domain: the service does the work of each call ({@code labeler.server.endpoint.LibvirtHookEndpoint}).
 */
@NullMarked
package labeler.hook;

import org.jspecify.annotations.NullMarked;
