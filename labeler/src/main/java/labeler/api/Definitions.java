package labeler.api;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.option.QemuCommandLine;

/** How VM definitions are read; neither throws for what they say. */
public interface Definitions {
    /** A libvirt domain XML, in its own encoding. */
    VmDefinition domainXml(byte[] xml);

    /**
     * A libvirt domain XML of a domain that starts: its chains are what libvirt has found in headers.
     *
     * @param persistent the definition that the domain has beside; empty for a transient one
     */
    VmDefinition liveDomainXml(byte[] xml, Optional<byte[]> persistent);

    /**
     * A qemu command line.
     *
     * @param argv with the program's name first
     * @param workingDirectory of the process, which relative paths start from
     */
    QemuCommandLine commandLine(List<byte[]> argv, HostPath workingDirectory);
}
