package labeler.linux;

import java.util.Set;

/**
 * The kernel's audit records as they are made, with auditd or without it: the multicast group {@code
 * AUDIT_NLGRP_READLOG} (linux/audit.h, since Linux 3.16). The kernel sends to it in the host's network namespace alone.
 */
public interface AuditGroup {
    /**
     * Gets records of these types from now on.
     *
     * @param types of linux/audit.h, at most {@value AuditFeed#MOST_TYPES}
     * @throws LinuxException EPERM without CAP_AUDIT_READ, EPROTONOSUPPORT if this kernel has no audit
     */
    AuditFeed join(Set<Integer> types) throws LinuxException;
}
