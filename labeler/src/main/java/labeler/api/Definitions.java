package labeler.api;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.option.QemuCommandLine;

/** Reads VM definitions. No content makes it throw. */
public interface Definitions {
    /** A libvirt domain XML, in its own encoding. */
    VmDefinition domainXml(byte[] xml);

    /**
     * A libvirt domain XML of a domain that starts, or the file of its state once it runs. libvirt took its chains from
     * headers.
     *
     * @param persistent the domain's persistent definition; empty for a transient domain
     */
    VmDefinition liveDomainXml(byte[] xml, Optional<byte[]> persistent);

    /**
     * A qemu command line.
     *
     * @param argv with the program's name first
     * @param workingDirectory the process's directory; relative paths start there
     */
    QemuCommandLine commandLine(List<byte[]> argv, HostPath workingDirectory);
}
