internal import IngotModel
internal import NIOCore
internal import NIOHTTP1

/// Closes a connection that lets the server wait too long.
final class PatienceHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let time: TimeAmount
    private var patience: RequestPatience
    private var timer: Scheduled<Void>?

    init(_ limits: ServerLimits) {
        time = TimeAmount(limits.patience)
        patience = RequestPatience(piece: limits.piece.bytes)
    }

    func handlerAdded(context: ChannelHandlerContext) { carryOut(patience.connected(), context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: carryOut(patience.headCame(), context)
        case .body(let buffer): carryOut(patience.bodyCame(buffer.readableBytes), context)
        case .end: carryOut(patience.requestEnded(), context)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { carryOut(patience.answerEnded(), context) }
        context.write(data, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        carryOut(.stop, context)
        context.fireChannelInactive()
    }

    private func carryOut(_ action: RequestPatience.Action, _ context: ChannelHandlerContext) {
        guard action != .none else { return }
        timer?.cancel()
        timer = nil
        guard action == .restart else { return }
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}
