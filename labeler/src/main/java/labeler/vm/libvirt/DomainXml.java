package labeler.vm.libvirt;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.HostPath;
import labeler.problem.QuotedText;
import labeler.selinux.SecurityContext;
import labeler.vm.DeclaredUse.Making;
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
    /** The directory of libvirt's qemu processes. */
    private static final HostPath WORKING_DIRECTORY = HostPath.of("/");

    /** Elements of a domain that are read below, or that name no file of qemu's. */
    private static final Set<String> UNDERSTOOD = NameTable.of("""
        name uuid genid hwuuid title description metadata maxMemory memory currentMemory memoryBacking memtune
        numatune vcpu vcpus iothreads iothreadids defaultiothread cputune resource cpu clock on_poweroff on_reboot
        on_crash on_lockfailure pm features blkiotune perf keywrap idmap throttlegroups seclabel os sysinfo devices
        launchSecurity qemu:commandline qemu:override qemu:capabilities qemu:deprecation
        """);

    private DomainXml() {}

    /** The files that this definition names. */
    public static VmDefinition parse(byte[] xml) {
        return parse(xml, Optional.empty());
    }

    /**
     * The files of a domain that starts, by the XML that libvirt has made for it. libvirt has found its chains in
     * headers, except for those that the persistent definition declares.
     *
     * @param persistent that definition; empty for a transient domain
     */
    public static VmDefinition parseLive(byte[] xml, Optional<byte[]> persistent) {
        XmlElement none = new XmlElement("domain", Map.of(), List.of(), "");
        return parse(
                xml,
                Optional.of(persistent
                        .map(XmlReader::read)
                        .flatMap(read -> read instanceof XmlReader.Read(XmlElement root)
                                ? Optional.of(root)
                                : Optional.<XmlElement>empty())
                        .orElse(none)));
    }

    private static VmDefinition parse(byte[] xml, Optional<XmlElement> persistent) {
        DefinitionBuilder out = new DefinitionBuilder(WORKING_DIRECTORY);
        switch (XmlReader.read(xml)) {
            case XmlReader.NotXml(String message) ->
                out.malformed(new Origin("domain XML"), message + "; virsh dumpxml writes one that is");
            case XmlReader.Read(XmlElement root) -> {
                if (root.name().equals("domain")) {
                    domain(root, persistent, out);
                } else {
                    out.malformed(new Origin("domain XML"), "not a domain but " + QuotedText.of(root.name()));
                }
            }
        }
        return out.build();
    }

    private static void domain(XmlElement root, Optional<XmlElement> persistent, DefinitionBuilder out) {
        Domain domain = new Domain(out, root.value("uuid").orElse(""), persistent);
        switch (root.value("@type").orElse("")) {
            case "kvm" -> out.acceleration(Acceleration.HARDWARE);
            case "qemu" -> out.acceleration(Acceleration.EMULATION);
            default ->
                domain.at("domain/@type")
                        .notUnderstood("not a domain of qemu", "only types kvm and qemu are understood");
        }
        domain.at("domain").refuseUnknown(root, UNDERSTOOD);
        root.child("os").ifPresent(os -> OperatingSystem.os(domain, os));
        root.all("sysinfo").forEach(sysinfo -> OperatingSystem.sysinfo(domain, sysinfo));
        root.child("memoryBacking").ifPresent(backing -> memoryBacking(domain.at("memoryBacking"), backing));
        root.child("launchSecurity").ifPresent(security -> launchSecurity(domain.at("launchSecurity"), security));
        root.child("devices").ifPresent(devices -> new Devices(domain).devices(devices));
        root.all("seclabel").forEach(label -> seclabel(domain.at("seclabel"), label));
        root.child("qemu:commandline").ifPresent(line -> commandLine(line, domain));
        root.child("qemu:override").ifPresent(override -> override(override, domain));
    }

    private static void memoryBacking(Place place, XmlElement backing) {
        if (backing.value("source@type").equals(Optional.of("file"))) {
            place.notUnderstood(
                    "guest memory in files, whose directory only libvirt's configuration tells",
                    "use <source type='memfd'/>");
        }
        if (backing.hasChild("hugepages")) {
            place.made(
                    FileRole.MEMORY,
                    "/dev/hugepages",
                    Making.ELSEWHERE,
                    "libvirt makes a directory there for the VM, and qemu its nameless files");
        }
    }

    private static void launchSecurity(Place place, XmlElement security) {
        place.file(FileRole.SOCKET, security.value("quoteGenerationService@path"), UseAccess.READ_WRITE);
        if (security.hasChild("dhCert") || security.hasChild("session")) {
            place.notUnderstood(
                    "an SEV session, which libvirt writes into files for qemu", "start it without dhCert and session");
        }
    }

    /** Labels of other security models are not ours. */
    private static void seclabel(Place place, XmlElement seclabel) {
        if (!Place.isOfSelinux(seclabel)) {
            return;
        }
        Optional<String> label = seclabel.value("label").map(String::strip);
        boolean isStatic = seclabel.has("type", "static");
        // libvirt's formatdomain: relabel is always on for a dynamic label, and off by default for a static one.
        String relabel = seclabel.value("@relabel").orElse(isStatic ? "no" : "yes");
        if (seclabel.has("type", "none")) {
            place.notUnderstood(
                    "the domain asks for no label (type='none'), and nothing would confine it",
                    "leave out that seclabel, or start the VM without labeler");
        } else if (!relabel.equals("yes")) {
            place.notUnderstood(
                    "the domain asks that its files keep their labels (relabel='no'"
                            + (isStatic ? ", which a static label means by itself)" : ")"),
                    "say relabel='yes', or start the VM without labeler");
        } else if (label.isPresent()) {
            SecurityContext.parse(label.get())
                    .ifPresentOrElse(
                            place.out()::processContext,
                            () -> place.malformed("not a security context: " + QuotedText.of(label.get())));
        } else if (seclabel.hasChild("baselabel")) {
            place.notUnderstood(
                    "a type of process of its own (baselabel) is not supported yet",
                    "leave out the baselabel, or give the XML of the started VM");
        } else if (isStatic) {
            place.malformed("a static label needs its <label>");
        }
    }

    private static void commandLine(XmlElement line, Domain domain) {
        List<byte[]> arguments = line.all("qemu:arg").stream()
                .map(argument -> argument.value("@value").orElse("").getBytes(StandardCharsets.UTF_8))
                .toList();
        QemuCommandLine.declareArguments(arguments, "qemu:commandline ", domain.out());
        for (XmlElement variable : line.all("qemu:env")) {
            if (variable.value("@value").orElse("").contains("/")) {
                String name = QuotedText.of(variable.value("@name").orElse(""));
                domain.at("qemu:commandline/env[@name=" + name + "]").refuseFile();
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
