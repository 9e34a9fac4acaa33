package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.chain.FileName;
import labeler.chain.ImageRequest;
import labeler.vm.DeclaredUse;
import org.junit.jupiter.api.Test;

/** The XML of a domain that starts, in which libvirt has written the chains from headers. */
class LiveDomainXmlTest {
    private static final String CHAIN = "<backingStore type='file'><format type='qcow2'/><source file='/vm/mid'/>"
            + "<backingStore type='file'><format type='raw'/><source file='/vm/base'/><backingStore/></backingStore>"
            + "</backingStore>";

    private static byte[] domain(String source, String below) {
        return ("<domain type='kvm'><devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                        + "<source file='" + source + "'/>" + below
                        + "<target dev='vda' bus='virtio'/></disk></devices></domain>")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static ImageRequest disk(String below, Optional<byte[]> persistent) {
        return DomainXml.parseLive(domain("/vm/top", below), persistent, LibvirtHost.UNKNOWN).uses().stream()
                .flatMap(use -> use instanceof DeclaredUse.ImageUse image ? Stream.of(image.image()) : Stream.of())
                .findFirst()
                .orElseThrow();
    }

    private static ImageRequest.BackingChoice below(ImageRequest.BackingChoice backing) {
        return switch (backing) {
            case ImageRequest.ProbedBacking(ImageRequest image) -> image.backing();
            case ImageRequest.DeclaredBacking(ImageRequest image) -> image.backing();
            case ImageRequest.HeaderBacking _, ImageRequest.NoBacking _, ImageRequest.ExternalBacking _ ->
                throw new AssertionError("no file: " + backing);
        };
    }

    @Test
    void a_chain_is_what_was_found_unless_the_persistent_definition_has_it() {
        for (Optional<byte[]> persistent : List.of(
                Optional.<byte[]>empty(),
                Optional.of(domain("/vm/top", "")),
                Optional.of(domain("/vm/another", CHAIN)),
                Optional.of("not XML".getBytes(StandardCharsets.UTF_8)))) {
            ImageRequest disk = disk(CHAIN, persistent);
            assertThat(disk.backing()).isInstanceOf(ImageRequest.ProbedBacking.class);
            assertThat(below(disk.backing())).isInstanceOf(ImageRequest.ProbedBacking.class);
        }
    }

    @Test
    void what_the_persistent_definition_has_is_declared_layer_by_layer() {
        ImageRequest whole = disk(CHAIN, Optional.of(domain("/vm/top", CHAIN)));
        assertThat(whole.backing()).isInstanceOf(ImageRequest.DeclaredBacking.class);
        assertThat(below(whole.backing())).isInstanceOf(ImageRequest.DeclaredBacking.class);

        ImageRequest first = disk(
                CHAIN,
                Optional.of(domain(
                        "/vm/top",
                        "<backingStore type='file'><format type='qcow2'/><source file='/vm/mid'/></backingStore>")));
        assertThat(first.backing()).isInstanceOf(ImageRequest.DeclaredBacking.class);
        assertThat(below(first.backing())).isInstanceOf(ImageRequest.ProbedBacking.class);

        ImageRequest other = disk(
                CHAIN,
                Optional.of(domain(
                        "/vm/top",
                        "<backingStore type='file'><format type='qcow2'/><source file='/vm/else'/></backingStore>")));
        assertThat(other.backing()).isInstanceOf(ImageRequest.ProbedBacking.class);
    }

    @Test
    void a_data_store_or_a_network_disk_that_was_found_leaves_it_to_the_header() {
        String dataStore = "<dataStore type='file'><format type='raw'/><source file='/vm/data'/></dataStore>";
        assertThat(disk(dataStore, Optional.empty()).dataFile()).isInstanceOf(ImageRequest.HeaderDataFile.class);
        assertThat(disk(dataStore, Optional.of(domain("/vm/top", dataStore))).dataFile())
                .isEqualTo(new ImageRequest.DeclaredDataFile(FileName.of("/vm/data"), new ImageRequest.BesideImage()));
        String network = "<backingStore type='network'><format type='raw'/><source protocol='nbd' name='x'>"
                + "<host name='h'/></source><backingStore/></backingStore>";
        assertThat(disk(network, Optional.empty()).backing()).isInstanceOf(ImageRequest.HeaderBacking.class);
        assertThat(disk(network, Optional.of(domain("/vm/top", network))).backing())
                .isInstanceOf(ImageRequest.ExternalBacking.class);
    }

    /** Otherwise whoever wrote the header would have given the VM a device of the host, or a socket. */
    @Test
    void a_device_or_a_socket_that_libvirt_found_in_a_header_leaves_it_to_the_header() {
        String device = "<backingStore type='nvme'><format type='raw'/><source type='pci' managed='yes' namespace='1'>"
                + "<address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source><backingStore/>"
                + "</backingStore>";
        assertThat(disk(device, Optional.empty()).backing()).isInstanceOf(ImageRequest.HeaderBacking.class);
        assertThat(disk(device, Optional.of(domain("/vm/top", device))).backing())
                .isInstanceOf(ImageRequest.NoBacking.class);
    }
}
