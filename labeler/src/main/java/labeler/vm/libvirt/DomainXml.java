package labeler.vm.libvirt;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import labeler.linux.HostPath;
import labeler.problem.QuotedText;
import labeler.vm.DeclaredUse;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;
import labeler.vm.VmDefinition.Acceleration;
import labeler.vm.qemu.option.QemuCommandLine;

/**
 * Reads a libvirt domain XML, and tells which files its qemu will use. Nothing is opened. An element that seems to name
 * a file and is not understood is a problem.
 */
public final class DomainXml {
    private static final Pattern UUID_TEXT = Pattern.compile("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}");

    /** The directory of libvirt's qemu processes. */
    private static final HostPath WORKING_DIRECTORY = HostPath.of("/");

    /** Elements of a domain that are read below, or that name no file of qemu's. */
    private static final Set<String> UNDERSTOOD = NameTable.of("""
        name uuid genid hwuuid title description metadata maxMemory memory currentMemory memoryBacking memtune
        numatune vcpu vcpus iothreads iothreadids defaultiothread cputune resource cpu clock on_poweroff on_reboot
        on_crash on_lockfailure pm features blkiotune perf keywrap idmap throttlegroups seclabel os sysinfo devices
        launchSecurity qemu:commandline qemu:override qemu:capabilities qemu:deprecation
        """);

    /** Elements that this reads once. libvirt reads what is in all of them. */
    private static final List<String> ONCE =
            NameTable.inOrder("os devices memoryBacking cpu launchSecurity qemu:commandline qemu:override");

    private DomainXml() {}

    /** The files that this definition names by itself, on a host of which nothing is known. */
    public static VmDefinition parse(byte[] xml) {
        return parse(xml, LibvirtHost.UNKNOWN);
    }

    /** The files that this definition names on that host. */
    public static VmDefinition parse(byte[] xml, LibvirtHost host) {
        return parse(xml, Optional.empty(), host);
    }

    /**
     * The files of a domain that starts or runs, by the XML that libvirt has made for it: its hook's, or the file in which it
     * keeps the state of a running domain. libvirt has found its chains in headers, except for those that the persistent
     * definition declares.
     *
     * @param persistent that definition; empty for a transient domain
     */
    public static VmDefinition parseLive(byte[] xml, Optional<byte[]> persistent, LibvirtHost host) {
        XmlElement none = new XmlElement("domain", Map.of(), List.of(), "");
        return parse(
                xml,
                Optional.of(persistent
                        .map(XmlReader::read)
                        .flatMap(read -> read instanceof XmlReader.Read(XmlElement root)
                                ? Optional.of(root)
                                : Optional.<XmlElement>empty())
                        .orElse(none)),
                host);
    }

    private static VmDefinition parse(byte[] xml, Optional<XmlElement> persistent, LibvirtHost host) {
        DefinitionBuilder out = new DefinitionBuilder(WORKING_DIRECTORY);
        switch (XmlReader.read(xml)) {
            case XmlReader.NotXml(String message) ->
                out.malformed(new Origin("domain XML"), message + "; virsh dumpxml writes one that is");
            case XmlReader.Read(XmlElement root) -> {
                Optional<XmlElement> domain = RunningDomain.domain(root);
                if (domain.isPresent()) {
                    domain(new Domain(out, domain.get(), persistent.map(PersistentDisks::of), new HostFacts(host)));
                    List<DeclaredUse> disks = persistent.isEmpty() ? out.build().uses() : List.of();
                    RunningDomain.declareBackups(root, disks, out);
                } else {
                    out.malformed(new Origin("domain XML"), "not a domain but " + QuotedText.of(root.name()));
                }
            }
        }
        return out.build();
    }

    private static void domain(Domain domain) {
        XmlElement root = domain.root();
        switch (root.value("@type").orElse("")) {
            case "kvm" -> domain.out().acceleration(Acceleration.HARDWARE);
            case "qemu" -> domain.out().acceleration(Acceleration.EMULATION);
            default ->
                domain.at("domain/@type")
                        .notUnderstood("not a domain of qemu", "only types kvm and qemu are understood");
        }
        if (domain.name().contains("/")) {
            domain.at("name").malformed("a slash, which libvirt does not allow: the name becomes part of files' names");
            return;
        }
        domain.at("domain").refuseUnknown(root, UNDERSTOOD);
        ONCE.stream()
                .filter(name -> root.all(name).size() > 1)
                .forEach(name -> domain.at(name)
                        .notUnderstood("there are several, of which only the first is read", "write them as one"));
        root.value("uuid").flatMap(DomainXml::uuid).ifPresent(domain.out()::uuid);
        root.value("devices/emulator")
                .map(name -> name.getBytes(StandardCharsets.UTF_8))
                .ifPresent(domain.out()::program);
        root.child("os").ifPresent(os -> OperatingSystem.os(domain, os));
        root.all("sysinfo").forEach(sysinfo -> OperatingSystem.sysinfo(domain, sysinfo));
        GuestMemory.declare(domain);
        root.child("launchSecurity").ifPresent(security -> launchSecurity(domain, security));
        root.child("devices").ifPresent(devices -> new Devices(domain).devices(devices));
        ProcessLabel.declare(domain.at("seclabel"), root.all("seclabel"));
        masterKey(domain);
        root.child("qemu:commandline").ifPresent(line -> commandLine(line, domain));
        root.child("qemu:override").ifPresent(override -> override(override, domain));
    }

    /** libvirt writes it with hyphens. A VM where it is written otherwise does not move. */
    private static Optional<UUID> uuid(String text) {
        String stripped = text.strip();
        return UUID_TEXT.matcher(stripped).matches() ? Optional.of(UUID.fromString(stripped)) : Optional.empty();
    }

    private static void launchSecurity(Domain domain, XmlElement security) {
        Place place = domain.at("launchSecurity");
        place.file(FileRole.SOCKET, security.value("quoteGenerationService@path"), UseAccess.READ_WRITE);
        if (security.value("@type").filter(type -> type.startsWith("sev")).isPresent()) {
            place.file(FileRole.SHARED_DEVICE, "/dev/sev", UseAccess.READ_WRITE);
        }
        security.children().stream()
                .filter(child -> child.name().equals("dhCert") || child.name().equals("session"))
                .forEach(child -> place.writtenByLibvirt(
                        domain,
                        (child.name().equals("session") ? "session" : "dh_cert") + ".base64",
                        FileRole.SECRET,
                        "libvirt writes the owner's session there for qemu"));
    }

    /** libvirt gives it to each qemu, and encrypts by it what is secret on the command line and in commands. */
    private static void masterKey(Domain domain) {
        if (domain.directoryLabelledHere().isPresent()) {
            domain.at("domain")
                    .writtenByLibvirt(
                            domain, "master-key.aes", FileRole.SECRET, "libvirt writes the domain's master key there");
        }
    }

    private static void commandLine(XmlElement line, Domain domain) {
        List<byte[]> arguments = line.all("qemu:arg").stream()
                .map(argument -> argument.value("@value").orElse("").getBytes(StandardCharsets.UTF_8))
                .toList();
        QemuCommandLine.declareArguments(arguments, "qemu:commandline ", domain.out());
        for (XmlElement variable : line.all("qemu:env")) {
            String name = variable.value("@name").orElse("");
            if (domain.out().isFull()) {
                return;
            }
            // The loader also finds libraries by their bare names.
            if (name.startsWith("LD_") || variable.value("@value").orElse("").contains("/")) {
                domain.at("qemu:commandline/env[@name=" + QuotedText.of(name) + "]")
                        .refuseFile();
            }
        }
    }

    private static void override(XmlElement override, Domain domain) {
        for (XmlElement device : override.all("qemu:device")) {
            Place place = domain.at("qemu:override/device[@alias="
                    + QuotedText.of(device.value("@alias").orElse("")) + "]");
            device.all("qemu:frontend").stream()
                    .flatMap(frontend -> frontend.all("qemu:property").stream())
                    .forEach(property -> {
                        String name = property.value("@name").orElse("");
                        if (QemuCommandLine.mayNameFile(
                                name, property.value("@value").orElse(""))) {
                            place.notUnderstood(
                                    "changes " + QuotedText.of(name) + ", which may name a file",
                                    "leave the property out");
                        }
                    });
        }
    }
}
