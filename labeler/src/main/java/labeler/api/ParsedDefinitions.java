package labeler.api;

import java.nio.charset.StandardCharsets;
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

    /** @param host to which domains refer, and of which qemu reads options */
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
        QemuCommandLine line = QemuCommandLine.read(argv, workingDirectory);
        boolean isMore = line.readsOptionsOfHost()
                && host.qemuOptions().filter(ParsedDefinitions::hasOptions).isPresent();
        return isMore
                ? line.refused(
                        "qemu reads more options from /etc/qemu/qemu.conf, which may name files; add -no-user-config,"
                                + " and write out those that the VM needs")
                : line;
    }

    /** Only comments and empty lines are none. */
    private static boolean hasOptions(byte[] file) {
        return new String(file, StandardCharsets.ISO_8859_1)
                .lines()
                .anyMatch(line -> !line.isBlank() && !line.startsWith("#"));
    }
}
