package labeler.vm.libvirt;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.linux.HostPath;

/**
 * The program that libvirt starts for a domain. It can be exchanged in the domain's XML, of which nothing else changes,
 * not even what labeler does not know.
 */
public final class DomainEmulator {
    private static final String DEVICES = "devices";
    private static final String EMULATOR = "emulator";
    private static final String NAMES = "/emulators/";

    private final XmlText xml;
    private final String domain;
    private final String path;

    private DomainEmulator(XmlText xml, String domain, String path) {
        this.xml = xml;
        this.domain = domain;
        this.path = path;
    }

    /** Empty if this is no domain that names its emulator; libvirt always writes it. */
    public static Optional<DomainEmulator> parse(byte[] xml) {
        return XmlText.of(xml)
                .flatMap(text -> text.root()
                        .value("name")
                        .flatMap(name -> text.root()
                                .value(DEVICES + "/" + EMULATOR)
                                .map(path -> new DomainEmulator(text, name, path))));
    }

    /** Whether a domain adds arguments of its own to those that libvirt makes for its emulator. */
    public static boolean hasOwnArguments(byte[] xml) {
        return XmlReader.read(xml) instanceof XmlReader.Read(XmlElement root) && root.hasChild("qemu:commandline");
    }

    /** Whether libvirt starts labeler-emulator for a domain, which knows by the same part of its name what it stands for. */
    public static boolean isLabelers(byte[] xml) {
        return parse(xml).filter(emulator -> emulator.path.contains(NAMES)).isPresent();
    }

    /** The domain's name. */
    public String domain() {
        return domain;
    }

    public String path() {
        return path;
    }

    /** The XML with another emulator; empty if it cannot be changed in that place alone. */
    public Optional<byte[]> with(HostPath other) {
        return other.utf8()
                .flatMap(name -> xml.with(
                        XmlText.Place.of(XmlText.markup(element(path))),
                        XmlText.markup(element(name)),
                        exchanged(name)))
                .map(XmlText::bytes);
    }

    private static XmlElement element(String path) {
        return new XmlElement(EMULATOR, Map.of(), List.of(), path);
    }

    private XmlElement exchanged(String name) {
        XmlElement devices = xml.root().child(DEVICES).orElseThrow();
        XmlElement emulator = devices.child(EMULATOR).orElseThrow();
        XmlElement changed = new XmlElement(EMULATOR, emulator.attributes(), emulator.children(), name);
        return XmlText.changing(
                xml.root(), devices, _ -> Optional.of(XmlText.changing(devices, emulator, _ -> Optional.of(changed))));
    }
}
