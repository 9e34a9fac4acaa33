package labeler.vm.libvirt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.libvirt.LibvirtDirectories;
import labeler.linux.HostPath;
import labeler.vm.VmDefinition;

/**
 * The domains of libvirt's own tests, from its source. libvirt accepts a domain if a command line is expected of it.
 *
 * @param tests libvirt's directory of tests
 */
record Corpus(Path tests) {
    /** {@code NAME.ARCHITECTURE-VERSION.args}; the newest libvirt of a new domain adds {@code .abi-update}. */
    private static final Pattern EXPECTED =
            Pattern.compile("(.*?)\\.[a-z0-9_]+-(?:latest|[0-9.]+)[^.]*(\\.abi-update)?(?:\\.[a-z0-9-]+)?\\.args");

    /** Settings that libvirt's tests turn on for some domains, told by a trace of them in what is expected. */
    private static final Map<String, String> SETTINGS = Map.of(
            "/etc/pki/libvirt-vnc", "vnc_tls = 1",
            "/etc/pki/libvirt-spice", "spice_tls = 1",
            "/etc/pki/libvirt-chardev", "chardev_tls = 1",
            "/etc/pki/libvirt-nbd", "nbd_tls = 1",
            "-vnc vnc=127.0.0.1:3,sasl", "vnc_sasl = 1",
            "sasl=on", "vnc_sasl = 1\nspice_sasl = 1");

    /**
     * A domain that libvirt accepts.
     *
     * @param expected its command lines, on several architectures or versions
     * @param isOld whether they are those of a domain that was defined long ago: its firmware is raw
     */
    record Accepted(String name, String xml, List<String> expected, boolean isOld) {}

    List<Accepted> accepted() {
        Path data = tests.resolve("qemuxmlconfdata");
        Map<String, List<Path>> expected = new TreeMap<>();
        try (Stream<Path> files = Files.list(data)) {
            files.sorted().forEach(file -> {
                var matcher = EXPECTED.matcher(file.getFileName().toString());
                if (matcher.matches() && Files.exists(data.resolve(matcher.group(1) + ".xml"))) {
                    expected.computeIfAbsent(matcher.group(1), _ -> new ArrayList<>())
                            .add(file);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return expected.entrySet().stream()
                .map(one -> accepted(one.getKey(), data, one.getValue()))
                .toList();
    }

    /** If there are both, those of a new domain count. */
    private static Accepted accepted(String name, Path data, List<Path> files) {
        List<Path> updated = files.stream()
                .filter(file -> file.toString().contains(".abi-update"))
                .toList();
        List<String> expected =
                (updated.isEmpty() ? files : updated).stream().map(Corpus::text).toList();
        return new Accepted(name, text(data.resolve(name + ".xml")), expected, updated.isEmpty());
    }

    private static String text(Path file) {
        return new String(bytes(file), StandardCharsets.UTF_8);
    }

    VmDefinition definition(Accepted domain) {
        return DomainXml.parse(domain.xml().getBytes(StandardCharsets.UTF_8), host(domain));
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The host of libvirt's tests. */
    private LibvirtHost host(Accepted domain) {
        LibvirtHost installed = new LibvirtDirectories(tests.resolve("qemufirmwaredata"));
        return new LibvirtHost() {
            @Override
            public Optional<byte[]> pool(String name) {
                Path file = tests.resolve("storagepoolxml2xmlout").resolve(name + ".xml");
                return Files.exists(file) ? Optional.of(bytes(file)) : Optional.empty();
            }

            // libvirt's tests name a network NETWORK;PORT: PORT is what it gives the interface.
            @Override
            public Optional<byte[]> network(String name) {
                String mode = name.endsWith(";plug-hostdev-pci") ? "hostdev" : "nat";
                return Optional.of(
                        ("<network><forward mode='" + mode + "'/></network>").getBytes(StandardCharsets.UTF_8));
            }

            @Override
            public List<byte[]> firmwareDescriptors() {
                return installed.firmwareDescriptors().stream()
                        .map(json -> new String(json, StandardCharsets.UTF_8))
                        .filter(json -> !domain.isOld()
                                || !json.contains("qcow2")
                                || domain.xml().contains("qcow2"))
                        .map(json -> domain.isOld() ? json.replace("template-pflash.raw", "template-pflash.fd") : json)
                        .map(json -> json.getBytes(StandardCharsets.UTF_8))
                        .toList();
            }

            @Override
            public Optional<byte[]> settings() {
                StringBuilder settings = new StringBuilder();
                SETTINGS.forEach((trace, setting) -> {
                    if (domain.expected().stream().anyMatch(line -> line.contains(trace))) {
                        settings.append(setting).append('\n');
                    }
                });
                return Optional.of(settings.toString().getBytes(StandardCharsets.UTF_8));
            }

            @Override
            public Optional<byte[]> qemuOptions() {
                return Optional.empty();
            }

            @Override
            public List<HostPath> hugePageMounts() {
                return List.of(HostPath.of("/dev/hugepages2M"), HostPath.of("/dev/hugepages1G"));
            }
        };
    }
}
