package labeler.chain.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import labeler.chain.format.bochs.BochsReader;
import labeler.chain.format.cloop.CloopReader;
import labeler.chain.format.cow.CowReader;
import labeler.chain.format.dmg.DmgReader;
import labeler.chain.format.luks.LuksReader;
import labeler.chain.format.parallels.ParallelsReader;
import labeler.chain.format.qcow.QcowReader;
import labeler.chain.format.qcow2.Qcow2Reader;
import labeler.chain.format.qed.QedReader;
import labeler.chain.format.vdi.VdiReader;
import labeler.chain.format.vpc.VpcReader;
import labeler.chain.testing.OtherImages;
import labeler.chain.testing.Qcow2Builder;
import org.junit.jupiter.api.Test;

/** At each limit the image is accepted, and one beyond it is refused. */
class BoundsTest {
    private static final long LARGEST_IN_SECTORS = Long.MAX_VALUE / 512;

    @Test
    void qcow_up_to_each_limit() {
        QcowReader reader = new QcowReader();
        Answer.of(reader, OtherImages.qcow(""), 7).notThisFormat();
        Answer.of(reader, OtherImages.qcow(""), 8).malformed("ends inside");
        Answer.of(reader, OtherImages.qcow(""), 47).malformed("ends inside");
        Answer.of(reader, OtherImages.qcow(""), 48).taken();
        Answer.of(reader, OtherImages.qcow("").putLong(24, 2)).takenWithSize(2);
        Answer.of(reader, OtherImages.qcow("").putLong(24, 1)).malformed("virtual size");
        for (int bits = 0; bits < 256; bits++) {
            Answer cluster = Answer.of(reader, OtherImages.qcow("").put(32, (byte) bits));
            Answer table = Answer.of(reader, OtherImages.qcow("").put(33, (byte) bits));
            assertThat(cluster.result() instanceof ParseResult.Parsed).isEqualTo(bits >= 9 && bits <= 16);
            assertThat(table.result() instanceof ParseResult.Parsed).isEqualTo(bits >= 6 && bits <= 13);
        }
        Answer.of(reader, OtherImages.qcow("").putInt(36, 1)).taken();
        Answer.of(reader, OtherImages.qcow("").putInt(36, 2)).malformed("encryption");
        Answer.of(reader, OtherImages.qcow("").putInt(36, -1)).malformed("encryption");
        assertThat(Answer.of(reader, OtherImages.qcow("n".repeat(1023))).names())
                .containsExactly("n".repeat(1023));
        Answer.of(reader, OtherImages.qcow("n".repeat(1024))).malformed("1024 bytes long");
    }

    @Test
    void qcow2_up_to_each_limit() {
        Qcow2Reader reader = new Qcow2Reader();
        ByteBuffer second = ByteBuffer.wrap(Qcow2Builder.v2().build());
        ByteBuffer third = ByteBuffer.wrap(Qcow2Builder.v3().build());
        Answer.of(reader, third, 7).notThisFormat();
        Answer.of(reader, third, 8).malformed("ends inside");
        Answer.of(reader, second, 71).malformed("ends inside its header, after 71 bytes");
        Answer.of(reader, third, 103).malformed("ends inside its header, after 103 bytes");
        Answer.of(reader, Qcow2Builder.v3().size(0).build()).takenWithSize(0);
        Answer.of(reader, Qcow2Builder.v3().patch64(24, -1).build()).malformed("2^63 bytes or more");
        Answer.of(reader, Qcow2Builder.v3().clusterBits(9).headerLength(512).build())
                .taken();
        Answer.of(reader, Qcow2Builder.v3().clusterBits(9).headerLength(520).build())
                .malformed("520 is beyond the first cluster");
        // The bytes after the header are read as extensions, or must exist: the test of the length cannot show more.
        assertThat(Answer.of(reader, second, 72).result().toString()).doesNotContain("after 72 bytes");
        assertThat(Answer.of(reader, third, 104).result().toString()).doesNotContain("after 104 bytes");
    }

    @Test
    void qed_up_to_each_limit() {
        QedReader reader = new QedReader();
        Answer.of(reader, OtherImages.qed(0, ""), 3).notThisFormat();
        Answer.of(reader, OtherImages.qed(0, ""), 4).malformed("ends inside");
        Answer.of(reader, OtherImages.qed(8, "")).refused(ParseResult.Unsupported.class, "(0x8)");
        for (int cluster : new int[] {4 << 10, 64 << 20}) {
            Answer.of(reader, OtherImages.qed(0, "").putInt(4, cluster)).taken();
        }
        for (int cluster : new int[] {2 << 10, 128 << 20, 12 << 10, 0}) {
            Answer.of(reader, OtherImages.qed(0, "").putInt(4, cluster)).malformed("cluster size");
        }
        Answer.of(reader, OtherImages.qed(0, "").putInt(8, 16)).taken();
        for (int clusters : new int[] {32, 3, 0}) {
            Answer.of(reader, OtherImages.qed(0, "").putInt(8, clusters)).malformed("table size");
        }
        Answer.of(reader, OtherImages.qed(0, "").putLong(48, 0)).takenWithSize(0);
        Answer.of(reader, OtherImages.qed(0, "").putLong(48, -1)).malformed("virtual size");
        assertThat(Answer.of(reader, OtherImages.qed(5, "n".repeat(1023))).names())
                .containsExactly("n".repeat(1023));
        Answer.of(reader, OtherImages.qed(5, "n".repeat(1024))).malformed("1024 bytes long");
        Answer.of(reader, OtherImages.qed(5, "base").putInt(56, 4092)).taken();
        Answer.of(reader, OtherImages.qed(5, "base").putInt(56, 4093)).malformed("outside the header");
        assertThat(Answer.of(reader, OtherImages.qed(0, "")).taken().notes()).isEmpty();
        assertThat(Answer.of(reader, OtherImages.qed(2, "")).taken().notes()).hasSize(1);
    }

    @Test
    void cow_up_to_each_limit() {
        CowReader reader = new CowReader();
        Answer.of(reader, OtherImages.cow(2, "base"), 7).notThisFormat();
        Answer.of(reader, OtherImages.cow(2, "base"), 8).malformed("after 8 bytes");
    }

    @Test
    void vdi_up_to_each_limit() {
        VdiReader reader = new VdiReader();
        Answer.of(reader, OtherImages.vdi(1), 67).notThisFormat();
        Answer.of(reader, OtherImages.vdi(1), 68).malformed("ends inside");
        Answer.of(reader, OtherImages.vdi(1).putLong(368, 0)).takenWithSize(0);
        Answer.of(reader, OtherImages.vdi(1).putLong(368, -1)).malformed("virtual size");
    }

    @Test
    void vpc_up_to_each_limit() {
        VpcReader reader = new VpcReader();
        Answer.of(reader, new byte[511]).refused(ParseResult.NotThisFormat.class, "too short");
        Answer.of(reader, new byte[512]).refused(ParseResult.NotThisFormat.class, "neither begins nor ends");
        Answer.of(reader, OtherImages.vhd(3, "").putLong(48, 0)).takenWithSize(0);
        Answer.of(reader, OtherImages.vhd(3, "").putLong(48, -1)).takenWithoutSize();
        ByteBuffer eighth = OtherImages.vhdLocator(OtherImages.vhd(4, ""), 7, "W2ru", "eighth");
        assertThat(Answer.of(reader, eighth).names()).containsExactly("eighth");
        ByteBuffer ninth = OtherImages.vhdLocator(OtherImages.vhd(4, "named"), 8, "W2ru", "ninth");
        assertThat(Answer.of(reader, ninth).names()).containsExactly("named");
        // A locator that is longer than any Linux path is skipped.
        ByteBuffer large = ByteBuffer.allocate(1 << 17).put(0, OtherImages.bytes(OtherImages.vhd(4, "named")));
        OtherImages.vhdLocator(large, 0, "W2ru", "path").putInt(512 + 576 + 8, 8192);
        assertThat(Answer.of(reader, large).names()).containsExactly("named", "path");
        assertThat(Answer.of(reader, large.putInt(512 + 576 + 8, 8193)).names()).containsExactly("named");
    }

    @Test
    void parallels_up_to_each_limit() {
        ParallelsReader reader = new ParallelsReader();
        ByteBuffer extended = OtherImages.parallels("WithouFreSpacExt");
        Answer.of(reader, extended.putLong(36, 0)).takenWithSize(0);
        Answer.of(reader, extended.putLong(36, LARGEST_IN_SECTORS)).takenWithSize(LARGEST_IN_SECTORS * 512);
        Answer.of(reader, extended.putLong(36, LARGEST_IN_SECTORS + 1)).malformed("virtual size");
        Answer.of(reader, extended.putLong(36, -1)).malformed("virtual size");
        // The older kind has 32 bits of it, and other data behind them.
        ByteBuffer older =
                OtherImages.parallels("WithoutFreeSpace").putInt(36, 7).putInt(40, -1);
        Answer.of(reader, older).takenWithSize(7 * 512);
    }

    @Test
    void luks_up_to_each_limit() {
        LuksReader reader = new LuksReader();
        Answer.of(reader, OtherImages.luks(1, 8), 7).notThisFormat();
        Answer.of(reader, OtherImages.luks(1, 8), 8).malformed("ends inside");
        Answer.of(reader, OtherImages.luks(0xfffe, 8)).refused(ParseResult.Unsupported.class, "version 65534 ");
        Answer.of(reader, OtherImages.luks(1, 8)).takenWithSize((1 << 16) - 8 * 512);
        Answer.of(reader, OtherImages.luks(1, -1)).takenWithSize(0);
    }

    @Test
    void dmg_up_to_each_limit() {
        DmgReader reader = new DmgReader();
        ByteBuffer trailer = OtherImages.dmg().slice(1536, 512);
        Answer.of(reader, new byte[511]).refused(ParseResult.NotThisFormat.class, "too short");
        Answer.of(reader, trailer.putLong(492, 0)).takenWithSize(0);
        Answer.of(reader, trailer.putLong(492, LARGEST_IN_SECTORS)).takenWithSize(LARGEST_IN_SECTORS * 512);
        Answer.of(reader, trailer.putLong(492, LARGEST_IN_SECTORS + 1)).takenWithoutSize();
        Answer.of(reader, trailer.putLong(492, -1)).takenWithoutSize();
    }

    @Test
    void bochs_and_cloop_up_to_each_limit() {
        BochsReader bochs = new BochsReader();
        Answer.of(bochs, OtherImages.bochs().putLong(88, 0)).takenWithSize(0);
        Answer.of(bochs, OtherImages.bochs().putLong(88, -1)).takenWithoutSize();
        Answer.of(bochs, OtherImages.bochs().putInt(64, 0x00010000).putLong(84, 7))
                .takenWithSize(7);
        CloopReader cloop = new CloopReader();
        Answer.of(cloop, OtherImages.cloop().putInt(132, 0)).takenWithSize(0);
        Answer.of(cloop, OtherImages.cloop().putInt(128, -1).putInt(132, -1)).takenWithoutSize();
    }
}
