// qrSvg draws a text as a QR code. The drawing program is fetched only when
// somebody needs it.
export async function qrSvg(text: string): Promise<string> {
  const { toString } = await import('qrcode')
  return toString(text, { type: 'svg', margin: 1, errorCorrectionLevel: 'M' })
}
