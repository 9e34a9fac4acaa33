package labeler.chain.fuzz;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import labeler.chain.FileName;
import labeler.chain.detect.ContentProbe;
import labeler.chain.format.FormatReader;
import labeler.chain.format.bochs.BochsReader;
import labeler.chain.format.cloop.CloopReader;
import labeler.chain.format.dmg.DmgReader;
import labeler.chain.format.luks.LuksReader;
import labeler.chain.format.parallels.ParallelsReader;
import labeler.chain.format.qcow.QcowReader;
import labeler.chain.format.qcow2.Qcow2Reader;
import labeler.chain.format.qed.QedReader;
import labeler.chain.format.raw.RawReader;
import labeler.chain.format.vdi.VdiReader;
import labeler.chain.format.vhdx.VhdxReader;
import labeler.chain.format.vmdk.VmdkReader;
import labeler.chain.format.vpc.VpcReader;
import labeler.chain.name.ReferenceName;

/**
 * What is fed with inputs of chance.
 *
 * @param seeds honest inputs, with which the chance begins
 * @param check throws an {@link AssertionError} if something does not hold of an input
 */
record FuzzTarget(String name, List<byte[]> seeds, Consumer<byte[]> check) {
    static List<FuzzTarget> all() {
        return List.of(
                new FuzzTarget("BOCHS", Seeds.bochs(), parser(new BochsReader())),
                new FuzzTarget("CLOOP", Seeds.cloop(), parser(new CloopReader())),
                new FuzzTarget("DMG", Seeds.dmg(), parser(new DmgReader())),
                new FuzzTarget("LUKS", Seeds.luks(), parser(new LuksReader())),
                new FuzzTarget("PARALLELS", Seeds.parallels(), parser(new ParallelsReader())),
                new FuzzTarget("QCOW", Seeds.qcow(), parser(new QcowReader())),
                new FuzzTarget("QCOW2", Seeds.qcow2(), parser(new Qcow2Reader())),
                new FuzzTarget("QED", Seeds.qed(), parser(new QedReader())),
                new FuzzTarget("RAW", Seeds.raw(), parser(new RawReader())),
                new FuzzTarget("VDI", Seeds.vdi(), parser(new VdiReader())),
                new FuzzTarget(
                        "VHDX", Seeds.vhdx(), input -> Check.parser(new VhdxReader(), ScatteredInput.image(input))),
                new FuzzTarget("VMDK", Seeds.vmdk(), parser(new VmdkReader())),
                new FuzzTarget("VPC", Seeds.vpc(), parser(new VpcReader())),
                new FuzzTarget("PROBE", Seeds.all(), FuzzTarget::probe),
                new FuzzTarget("NAME", Seeds.names(), FuzzTarget::name),
                new FuzzTarget(
                        "WALK", Seeds.walks(), input -> WalkInput.of(input).check()));
    }

    static FuzzTarget of(String name) {
        return all().stream()
                .filter(target -> target.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    void run(byte[] input) {
        check.accept(input);
    }

    @Override
    public String toString() {
        return name;
    }

    private static Consumer<byte[]> parser(FormatReader reader) {
        return input -> Check.parser(reader, input);
    }

    private static void probe(byte[] input) {
        ByteBuffer start = ByteBuffer.wrap(input, 0, Math.min(input.length, ContentProbe.LENGTH))
                .slice()
                .asReadOnlyBuffer();
        List<String> claims = ContentProbe.claims(start, FileName.of("image"));
        Check.require(claims.equals(ContentProbe.claims(start, FileName.of("image"))), "two answers");
        Check.require(claims.stream().distinct().count() == claims.size(), "one claim twice: " + claims);
        Check.require(start.position() == 0, "the probe moved the position");
    }

    /** The first half is a name, the second the name of the overlay that it is resolved beside. */
    private static void name(byte[] input) {
        FileName all = FileName.of(input);
        FileName name = all.until(input.length / 2);
        FileName overlay = all.from(input.length / 2);
        switch (ReferenceName.resolve(name, overlay)) {
            case ReferenceName.LocalFile file -> {
                Check.require(!file.name().isEmpty(), "a file without a name");
                Check.require(
                        ReferenceName.classify(file.name()).equals(file),
                        "resolved again it is another: " + file.name().printable());
            }
            case ReferenceName.Protocol protocol -> Check.line(protocol.protocol());
            case ReferenceName.UnknownProtocol unknown -> {
                // The empty word before a colon is one too.
                if (!unknown.protocol().isEmpty()) {
                    Check.line(unknown.protocol());
                }
            }
            case ReferenceName.JsonOptions options -> {}
            case ReferenceName.Empty empty -> {}
        }
    }
}
