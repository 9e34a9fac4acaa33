package labeler.api;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;
import labeler.vm.VmDefinition;
import labeler.vm.libvirt.DomainXml;
import labeler.vm.libvirt.LibvirtHost;
import labeler.vm.qemu.option.QemuCommandLine;

/** Definitions as the parsers of {@code labeler.vm} read them. */
public final class ParsedDefinitions implements Definitions {
    private final LibvirtHost host;

    /** @param host to which domains refer */
    public ParsedDefinitions(LibvirtHost host) {
        this.host = host;
    }

    @Override
    public VmDefinition domainXml(byte[] xml) {
        return DomainXml.parse(xml, host);
    }

    @Override
    public VmDefinition liveDomainXml(byte[] xml, Optional<byte[]> persistent) {
        return DomainXml.parseLive(xml, persistent, host);
    }

    @Override
    public QemuCommandLine commandLine(List<byte[]> argv, HostPath workingDirectory) {
        return QemuCommandLine.read(argv, workingDirectory);
    }
}
